import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { commands } from "narthex/commands";
import { settingsOf } from "narthex/role-settings";

const source = (name: string): string =>
  readFileSync(fileURLToPath(new URL(`../../launchers/${name}`, import.meta.url)), "utf8");

/** Values that launchers pass to roles. */
interface LauncherOptions {
  /** Commit from which the release was built. */
  readonly revision: string;
}

interface ShellLauncherOptions extends LauncherOptions {
  /** Processor for which the archive's Node is built, as Node names it. */
  readonly arch: string;
}

/** Names of processors in /proc/sys/kernel/arch. */
const MACHINES: Readonly<Record<string, string>> = { x64: "x86_64", arm64: "aarch64" };

/** Launcher for shells: `bin/narthex` of archives. */
export const shellLauncher = ({ revision, arch }: ShellLauncherOptions): string =>
  source("narthex")
    .replace("@REVISION@", revision)
    .replaceAll("@MACHINE@", MACHINES[arch] ?? arch);

/** Launcher of Linux packages. Services start it by its link, because the folder of a version goes with the version. */
export const packagedLauncher = (options: ShellLauncherOptions): string =>
  shellLauncher(options).replace("{NARTHEX_LAUNCHER:-$home/bin/narthex}", "{NARTHEX_LAUNCHER:-/usr/bin/narthex}");

/** Launcher for npm, which turns it into a command on every system. */
export const npmLauncher = ({ revision }: LauncherOptions): string =>
  source("narthex.js").replace("@REVISION@", revision);

/** Launcher for Windows. It contains the settings of each role, because cmd.exe cannot read JSON. */
export function windowsLauncher({ revision }: LauncherOptions): string {
  const roles = commands.flatMap(({ name }) => {
    const { v8, env } = settingsOf(name);
    const here = (line: string): string => `if "%~1"=="${name}" ${line}`;
    // MALLOC_… variables only affect glibc.
    const variables = Object.entries(env).filter(([variable]) => !variable.startsWith("MALLOC_"));
    return [
      ...(v8.length === 0 ? [] : [here(`set "v8=${v8.join(" ")}"`)]),
      ...variables.map(([variable, value]) => here(`if not defined ${variable} set "${variable}=${value}"`)),
    ];
  });
  const text = source("narthex.cmd").replace("@ROLES@", roles.join("\n")).replace("@REVISION@", revision);
  return text.replaceAll("\n", "\r\n");
}

/** The README at the top of an archive. */
export const archiveReadme = (platform: string): string =>
  platform === "win32" ? source("README.md").replaceAll("bin/narthex ", "bin\\narthex ") : source("README.md");
