import { sendEarly } from "../../api/early-requests.ts";
import { rootPath } from "../../api/root-path.ts";

export const SOURCES_URL = `${rootPath}/api/datasources`;

export const dashboardUrl = (uid: string): string => `${rootPath}/api/dashboards/uid/${encodeURIComponent(uid)}`;

/** Asks for the dashboard that the address names, and for the sources, before the page that shows it is there. */
export function sendOpeningRequests(): void {
  const path = location.pathname.slice(rootPath.length);
  const uid = /^\/d(?:-solo)?\/([\w-]+)(?:\/|$)/.exec(path)?.[1];
  if (uid === undefined) return;
  sendEarly(dashboardUrl(uid));
  sendEarly(SOURCES_URL);
}
