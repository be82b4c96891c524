/**
 * How the published packages are built.
 *
 * @module
 */
export { bundlePackage } from './bundle-package.ts';
