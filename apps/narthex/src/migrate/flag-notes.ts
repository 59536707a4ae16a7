import { checkArguments, type RoleArguments } from "../service/role-arguments.ts";
import type { ServiceRole } from "../service/roles.ts";
import type { System } from "../service/system.ts";
import { flagWords } from "./flag-words.ts";
import { blocks, differs, fact, type Note } from "./note.ts";
import type { Original } from "./originals.ts";

/**
 * Returns notes about flags that Narthex accepts but ignores, or that have less effect than in the original program.
 */
export function flagNotes({ table, role, title }: Original, args: RoleArguments): readonly Note[] {
  const given = new Set(flagWords(args.words, table).map(({ name }) => name));
  const notes: Note[] = [];
  for (const name of given) {
    const flag = Object.hasOwn(table, name) ? table[name]! : undefined;
    if (flag?.notBuilt !== undefined) notes.push(differs(`--${name} has no effect: ${flag.notBuilt}`));
    else if (flag?.help.startsWith("Accepted for compatibility") === true)
      notes.push(fact(`--${name} has no effect, and none is needed`));
  }
  if (role === "alertmanager" && args.values("cluster.peer").length > 0) {
    notes.push(
      differs(
        `--cluster.peer: instances speak to their own kind only; move all members of the cluster one right after the other`,
      ),
    );
  }
  const retention = ["storage.tsdb.retention.time", "storage.tsdb.retention.size"];
  if (role === "server" && !given.has("agent") && !retention.some((name) => given.has(name)))
    notes.push(fact(`no retention time is set: samples are kept for 15 days, as in ${title}`));
  return notes;
}

/** Returns the errors with which the server of Narthex would refuse these arguments. */
export async function refusalsOf(role: ServiceRole, args: RoleArguments, { host }: System): Promise<readonly Note[]> {
  const { kind, text } = await checkArguments(await role.load(), host, args.words);
  if (kind === "good") return [];
  if (kind === "help") return [blocks("the command line only prints help or a version")];
  return [blocks(text.trim())];
}
