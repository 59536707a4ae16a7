import { sendEarly } from "../../api/early-requests.ts";
import { rootPath } from "../../api/root-path.ts";

export const SOURCES_URL = `${rootPath}/api/narthex/sources`;

export const dashboardUrl = (uid: string): string => `${rootPath}/api/dashboards/uid/${encodeURIComponent(uid)}`;

/** Matches the paths of pages that draw a dashboard. The page with a dashboard's permissions does not match. */
const DASHBOARD_PAGE = /^\/d(?:-solo)?\/([\w-]+)(?:\/[^/]*)?\/?$/;

/** Requests the data sources and the dashboard in the address while the page's code is still loading. */
export function sendOpeningRequests(): void {
  const path = location.pathname.slice(rootPath.length);
  const uid = DASHBOARD_PAGE.exec(path)?.[1];
  if (uid === undefined) return;
  sendEarly(dashboardUrl(uid));
  sendEarly(SOURCES_URL);
}
