// The node-<os>-<cpu> packages publish "os" and "cpu" as plain strings. pnpm records only arrays, and without them
// it would install every platform's binary everywhere. They are glibc builds, so musl systems use their own Node.
module.exports = {
  hooks: {
    readPackage(pkg) {
      if (/^node-(bin-)?(linux|darwin|win)-(x64|arm64)$/.test(pkg.name ?? '')) {
        pkg.os = [pkg.os].flat();
        pkg.cpu = [pkg.cpu].flat();
        if (pkg.os.includes('linux')) pkg.libc = ['glibc'];
      }
      return pkg;
    },
  },
};
