import { sendEarly } from "../../api/early-requests.ts";
import { rootPath } from "../../api/root-path.ts";

export const SOURCES_URL = `${rootPath}/api/datasources`;

export const dashboardUrl = (uid: string): string => `${rootPath}/api/dashboards/uid/${encodeURIComponent(uid)}`;

/** Requests the dashboard in the address and the data sources before the page's code is loaded. */
export function sendOpeningRequests(): void {
  const path = location.pathname.slice(rootPath.length);
  const uid = /^\/d(?:-solo)?\/([\w-]+)(?:\/|$)/.exec(path)?.[1];
  if (uid === undefined) return;
  sendEarly(dashboardUrl(uid));
  sendEarly(SOURCES_URL);
}
