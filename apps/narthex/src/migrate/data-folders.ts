import { existsSync } from "node:fs";
import type { RoleArguments } from "../service/role-arguments.ts";
import { rooted, type System } from "../service/system.ts";
import type { DataPlan } from "./role-plan.ts";
import type { FoundOriginal } from "./source/found-original.ts";

/** Plans how the new server takes over the data folders and files of a program on this machine. */
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
      text: isThere ? `${WORDS[original.role] ?? "used in place"}${writer}` : "does not exist yet: begins empty",
    });
  }
  return data;
}

const WORDS: Readonly<Record<string, string>> = {
  server: "used in place; both programs have the same format, so all samples are kept if you go back",
  pushgateway: "used in place; at its end the role writes the groups to the original's file, so you can go back",
  alertmanager:
    "used in place; at its end the role writes silences and the notification log to the original's files, so you can go back",
};
