import { readStored, writeStored } from "../../shell/preferences.ts";

const KEY = "dashboards.recent";
const MOST = 12;

/** Returns the uids of the dashboards that were opened in this browser, newest first. */
export function recentDashboards(): readonly string[] {
  return readStored<readonly unknown[]>(KEY, [])
    .filter((uid): uid is string => typeof uid === "string")
    .slice(0, MOST);
}

/** Stores that a dashboard was opened. */
export function storeRecentDashboard(uid: string): void {
  const others = recentDashboards().filter((other) => other !== uid);
  writeStored(KEY, [uid, ...others].slice(0, MOST));
}
