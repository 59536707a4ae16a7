import { statSync } from "node:fs";
import { type System } from "../service/system.ts";

/** Values that a program's flags have where nobody gives them, by flag; undefined where it was not asked. */
export type ProgramDefaults = ReadonlyMap<string, string> | undefined;

/**
 * Asks a program for its defaults, which distributions change: Debian's keep data below /var/lib/prometheus. It runs with
 * --help alone, and only where nobody but root and this user could have put another program in its place.
 */
export async function programDefaults(program: string, system: System): Promise<ProgramDefaults> {
  if (system.root !== "/" || !isTrusted(program, system)) return undefined;
  const { status, stdout, stderr } = await system.run(program, ["--help"]);
  return status === 0 ? defaultsIn(stdout === "" ? stderr : stdout) : undefined;
}

/** The defaults in a --help as kingpin prints it: `--flag="value"`, `--flag=value`, `--flag=value ...`. */
export function defaultsIn(help: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const [, name, quoted, plain] of help.matchAll(/^ +(?:-\w, )?--(?:\[no-\])?([\w.-]+)=(?:"([^"\n]*)"|(\S*))/gm))
    found.set(name!, quoted ?? plain!);
  return found;
}

/** Who may write for group and others. */
const OPEN = 0o022;

function isTrusted(program: string, { uid }: System): boolean {
  if (!program.startsWith("/")) return false;
  const facts = statSync(program, { throwIfNoEntry: false });
  return facts?.isFile() === true && (facts.uid === 0 || facts.uid === uid) && (facts.mode & OPEN) === 0;
}
