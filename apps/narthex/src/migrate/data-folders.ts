import { existsSync } from "node:fs";
import { RoleArguments } from "../service/role-arguments.ts";
import { rooted, type System } from "../service/system.ts";
import { differs, type Note } from "./note.ts";
import type { DataPlan } from "./role-plan.ts";
import type { FoundOriginal } from "./source/found-original.ts";

interface DataOutcome {
  readonly args: RoleArguments;
  readonly data: readonly DataPlan[];
  readonly notes: readonly Note[];
}

/** What becomes of the folders and files that an original writes to, on this machine. */
export function takeData(found: FoundOriginal, args: RoleArguments, system: System): DataOutcome {
  const { original, origin } = found;
  if (original.role === "pushgateway") return takeGroups(args, system);
  const data: DataPlan[] = [];
  const notes: Note[] = [];
  for (const flag of Object.keys(original.data)) {
    const path = args.value(flag);
    if (path === undefined || path === "") continue;
    const pid = "pid" in origin ? origin.pid : undefined;
    const writer = pid === undefined ? "" : `; process ${pid} writes to it now, and is ended first: never two at once`;
    const isThere = existsSync(rooted(system, path));
    data.push({
      path,
      text: isThere ? `${WORDS[original.role] ?? "taken over in place"}${writer}` : "not there yet: begins empty",
    });
    if (isThere && original.role === "alertmanager") {
      notes.push(
        differs(
          `${path}: silences made after the switch are not in the files of the original, which has those from before it when you go back`,
        ),
      );
    }
  }
  return { args, data, notes };
}

const WORDS: Readonly<Record<string, string>> = {
  server: "taken over in place; the format is the same both ways, so that the way back keeps all samples",
  alertmanager:
    "taken over in place; silences and the log of notifications are read from the files of the original, which stay",
};

/** The file of the original cannot be read, and is left to it for the way back. */
function takeGroups(args: RoleArguments, system: System): DataOutcome {
  const path = args.value("persistence.file") ?? "";
  if (path === "") return { args, data: [], notes: [] };
  const own = `${path}.narthex`;
  const words = args.words.map((word) => (word === `--persistence.file=${path}` ? `--persistence.file=${own}` : word));
  const notes = existsSync(rooted(system, path))
    ? [
        differs(
          `--persistence.file: ${path} has a format of the original's and is left to it; ${own} begins empty until jobs push anew (to take groups along: docs/batch-jobs.md)`,
        ),
      ]
    : [];
  return { args: new RoleArguments(words), data: [{ path: own, text: "begins empty" }], notes };
}
