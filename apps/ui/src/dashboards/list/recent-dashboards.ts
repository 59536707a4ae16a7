import { readStored, writeStored } from "../../shell/preferences.ts";

const KEY = "dashboards.recent";
const MOST = 12;

/** Uids of the dashboards that were opened in this browser, the last one first. */
export function recentDashboards(): readonly string[] {
  return readStored<readonly unknown[]>(KEY, [])
    .filter((uid): uid is string => typeof uid === "string")
    .slice(0, MOST);
}

/** Remembers that a dashboard was opened. */
export function keepRecentDashboard(uid: string): void {
  const others = recentDashboards().filter((other) => other !== uid);
  writeStored(KEY, [uid, ...others].slice(0, MOST));
}
