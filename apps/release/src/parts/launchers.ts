import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { commands } from "narthex/commands";
import { settingsOf } from "narthex/role-settings";

const source = (name: string): string =>
  readFileSync(fileURLToPath(new URL(`../../launchers/${name}`, import.meta.url)), "utf8");

/** What a script starts roles with, and what they say that they are. */
interface LauncherOptions {
  /** The commit. */
  readonly revision: string;
}

/** For shells: `bin/narthex` of archives and of Linux packages. */
export const shellLauncher = ({ revision }: LauncherOptions): string =>
  source("narthex").replace("@REVISION@", revision);

/** For npm, which makes a command of it on every system. */
export const npmLauncher = ({ revision }: LauncherOptions): string =>
  source("narthex.js").replace("@REVISION@", revision);

/** For Windows: the settings of each role stand in it, as its language reads no JSON. */
export function windowsLauncher({ revision }: LauncherOptions): string {
  const roles = commands.flatMap(({ name }) => {
    const { v8, env } = settingsOf(name);
    const here = (line: string): string => `if "%~1"=="${name}" ${line}`;
    // MALLOC_… are words to glibc alone.
    const variables = Object.entries(env).filter(([variable]) => !variable.startsWith("MALLOC_"));
    return [
      ...(v8.length === 0 ? [] : [here(`set "v8=${v8.join(" ")}"`)]),
      ...variables.map(([variable, value]) => here(`if not defined ${variable} set "${variable}=${value}"`)),
    ];
  });
  const text = source("narthex.cmd").replace("@ROLES@", roles.join("\n")).replace("@REVISION@", revision);
  return text.replaceAll("\n", "\r\n");
}

/** The page that lies at the top of an archive. */
export const archiveReadme = (): string => source("README.md");
