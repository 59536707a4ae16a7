import { lstatSync, realpathSync } from "node:fs";
import { exchangeablePart, type Trust } from "../init/trusted-path.ts";
import type { System } from "../service/system.ts";

/** Default values of a program's flags, by flag name. Undefined if the program was not run. */
export type ProgramDefaults = ReadonlyMap<string, string> | undefined;

/**
 * Runs a program with --help to find its default values, which distributions change: Debian's programs keep data below
 * /var/lib/prometheus. The program is run only if no one except root and this user can replace it.
 */
export async function programDefaults(program: string, system: System): Promise<ProgramDefaults> {
  const trusted = system.root === "/" ? trustedProgram(program, system.uid) : undefined;
  if (trusted === undefined) return undefined;
  const { status, stdout, stderr } = await system.run(trusted, ["--help"]);
  return status === 0 ? defaultsIn(stdout === "" ? stderr : stdout) : undefined;
}

/**
 * Parses the default values in the output of kingpin's --help: `--flag="value"`, `--flag=value`, `--flag=value ...`.
 */
export function defaultsIn(help: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const [, name, quoted, plain] of help.matchAll(/^ +(?:-\w, )?--(?:\[no-\])?([\w.-]+)=(?:"([^"\n]*)"|(\S*))/gm))
    found.set(name!, quoted ?? plain!);
  return found;
}

const OPEN = 0o022;

/** File system access. Tests pass a fake. */
interface Files {
  readonly real: (path: string) => string;
  /** Returns owner, mode and type of a path without following links. */
  readonly facts: (path: string) => ReturnType<NonNullable<Trust["look"]>> & { isFile(): boolean };
}

const FILES: Files = { real: realpathSync, facts: lstatSync };

/**
 * Returns the real path of a program if only root and this user can replace the program. Returns undefined if another
 * user could, or if the program does not exist.
 */
export function trustedProgram(program: string, uid: number | undefined, files: Files = FILES): string | undefined {
  if (!program.startsWith("/")) return undefined;
  try {
    const path = files.real(program);
    const trust = { owners: uid === undefined ? [] : [uid], closed: OPEN, look: files.facts };
    return exchangeablePart(path, trust) === undefined && files.facts(path).isFile() ? path : undefined;
  } catch {
    return undefined;
  }
}
