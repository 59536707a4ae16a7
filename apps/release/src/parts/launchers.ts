import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { commands } from "narthex/commands";
import { settingsOf } from "narthex/role-settings";

const source = (name: string): string =>
  readFileSync(fileURLToPath(new URL(`../../launchers/${name}`, import.meta.url)), "utf8");

/** Values that a launcher script passes to the servers. */
interface LauncherOptions {
  readonly revision: string;
}

interface ShellLauncherOptions extends LauncherOptions {
  /** Architecture of the archive's Node, in Node's notation, such as `x64`. */
  readonly arch: string;
  /** The C library of the archive's Node, if it is not glibc. */
  readonly libc?: "glibc" | "musl";
  /** Value of `process.platform` of the archive's Node. Only Linux has several C libraries. */
  readonly platform: string;
}

/** The program loader of each C library and processor. Its absence means that the system has another C library. */
const LOADERS: Readonly<Record<string, string>> = {
  "glibc x64": "/lib64/ld-linux-x86-64.so.2",
  "glibc arm64": "/lib/ld-linux-aarch64.so.1",
  "musl x64": "/lib/ld-musl-x86_64.so.1",
  "musl arm64": "/lib/ld-musl-aarch64.so.1",
};

/** Names of processors in /proc/sys/kernel/arch. */
const MACHINES: Readonly<Record<string, string>> = { x64: "x86_64", arm64: "aarch64" };

/** Returns the shell launcher `bin/narthex` of archives. */
export const shellLauncher = ({ revision, arch, libc = "glibc", platform }: ShellLauncherOptions): string =>
  source("narthex")
    .replace("@REVISION@", revision)
    .replaceAll("@LIBC@", libc)
    .replaceAll("@LOADER@", platform === "linux" ? (LOADERS[`${libc} ${arch}`] ?? "") : "")
    .replaceAll("@MACHINE@", MACHINES[arch] ?? arch);

/**
 * Returns the launcher of Linux packages. Services start the link /usr/bin/narthex, because the folder of a version is
 * removed with the version.
 */
export const packagedLauncher = (options: ShellLauncherOptions): string =>
  shellLauncher(options).replace("{NARTHEX_LAUNCHER:-$home/bin/narthex}", "{NARTHEX_LAUNCHER:-/usr/bin/narthex}");

/** Returns the launcher script for npm. npm installs the script as a command on every system. */
export const npmLauncher = ({ revision }: LauncherOptions): string =>
  source("narthex.js").replace("@REVISION@", revision);

/** Returns the launcher for Windows. It contains the settings of each server, because cmd.exe cannot read JSON. */
export function windowsLauncher({ revision }: LauncherOptions): string {
  const roles = commands.flatMap(({ name }) => {
    const { v8, env } = settingsOf(name);
    const here = (line: string): string => `if "%~1"=="${name}" ${line}`;
    // Leaves out MALLOC_… variables, which only affect glibc.
    const variables = Object.entries(env).filter(([variable]) => !variable.startsWith("MALLOC_"));
    return [
      ...(v8.length === 0 ? [] : [here(`set "v8=${v8.join(" ")}"`)]),
      ...variables.map(([variable, value]) => here(`if not defined ${variable} set "${variable}=${value}"`)),
    ];
  });
  const text = source("narthex.cmd").replace("@ROLES@", roles.join("\n")).replace("@REVISION@", revision);
  return text.replaceAll("\n", "\r\n");
}

/** Returns the README at the top of an archive. */
export const archiveReadme = (platform: string): string =>
  platform === "win32" ? source("README.md").replaceAll("bin/narthex ", "bin\\narthex ") : source("README.md");
