/**
 * Second half of a package's `build` script (the first is `tsc -b`, for types): bundles the package in the current folder.
 *
 * @module
 */
import { bundlePackage } from './bundle-package.ts';

await bundlePackage(process.cwd());
