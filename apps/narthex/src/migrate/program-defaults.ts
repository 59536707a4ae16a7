import { statSync } from "node:fs";
import { type System } from "../service/system.ts";

/** Default values of a program's flags, by flag name. Undefined if the program was not run. */
export type ProgramDefaults = ReadonlyMap<string, string> | undefined;

/**
 * Runs a program with --help to find its default values, which distributions change: Debian's programs keep data below
 * /var/lib/prometheus. The program is run only if no one except root and this user may write to its file.
 */
export async function programDefaults(program: string, system: System): Promise<ProgramDefaults> {
  if (system.root !== "/" || !isTrusted(program, system)) return undefined;
  const { status, stdout, stderr } = await system.run(program, ["--help"]);
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

/** Permission bits that let the group or others write. */
const OPEN = 0o022;

function isTrusted(program: string, { uid }: System): boolean {
  if (!program.startsWith("/")) return false;
  const facts = statSync(program, { throwIfNoEntry: false });
  return facts?.isFile() === true && (facts.uid === 0 || facts.uid === uid) && (facts.mode & OPEN) === 0;
}
