import { parseFlags } from "@narthex/runtime";
import { CommandError } from "../../command-line/command.ts";
import type { Machine, RunningProgram } from "../machine/machine.ts";
import { argumentsOf, ROLE_READERS } from "./role-readers.ts";
import type { RoleSubject } from "./subject.ts";

/** Returns the name of the Narthex server that a command line starts, or undefined for other programs. */
export function roleOf(command: readonly string[]): string | undefined {
  const main = mainOf(command);
  return main === -1 ? undefined : command[main + 1];
}

const mainOf = (command: readonly string[]): number =>
  command.findIndex((word) => /(?:^|\/)(?:main\.[jt]s|narthex)$/.test(word));

/**
 * Compares the data paths of a running server with those of `subject`, a server with the same name. Returns the first
 * path that differs: the running server then belongs to another stack. Returns undefined if all paths are equal or
 * unknown, or if their number differs.
 */
export async function otherData(
  machine: Machine,
  program: RunningProgram,
  subject: RoleSubject,
): Promise<string | undefined> {
  const stored = dataOf(program);
  if (stored === undefined || stored.length !== subject.data.length) return undefined;
  for (const [i, path] of stored.entries()) {
    const [theirs, ours] = await Promise.all([machine.realPath(path), machine.realPath(subject.data[i]!.path)]);
    if (theirs !== ours) return path;
  }
  return undefined;
}

/** Returns the data paths of a running server, from its arguments. Undefined if they are unknown. */
function dataOf({ command, cwd }: RunningProgram): readonly string[] | undefined {
  const main = mainOf(command);
  const reader = ROLE_READERS.find(({ role }) => role === command[main + 1]);
  // The dashboards' data folder may be set by environment variables, which are unknown here.
  if (cwd === undefined || reader === undefined || reader.role === "dashboards") return undefined;
  const { flags, overrides } = argumentsOf(reader.role, command.slice(main + 2));
  const outcome = parseFlags(reader.flags, flags);
  if (outcome.kind !== "parsed") return undefined;
  try {
    return reader.read(outcome.flags.values, { host: { cwd }, env: {}, overrides }).data.map(({ path }) => path);
  } catch (error) {
    if (error instanceof CommandError) return undefined;
    throw error;
  }
}
