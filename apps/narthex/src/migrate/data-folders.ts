import { existsSync } from "node:fs";
import type { RoleArguments } from "../service/role-arguments.ts";
import { rooted, type System } from "../service/system.ts";
import type { DataPlan } from "./role-plan.ts";
import type { FoundOriginal } from "./source/found-original.ts";

/** Plans how the role uses the folders and files to which an original on this machine writes. */
export function takeData(found: FoundOriginal, args: RoleArguments, system: System): readonly DataPlan[] {
  const { original, origin } = found;
  const data: DataPlan[] = [];
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
  }
  return data;
}

const WORDS: Readonly<Record<string, string>> = {
  server: "taken over in place; the format is the same both ways, so that the way back keeps all samples",
  pushgateway: "taken over in place; groups are left in the file of the original at the end, for the way back",
  alertmanager:
    "taken over in place; silences and the log of notifications are left in its files at the end, for the way back",
};
