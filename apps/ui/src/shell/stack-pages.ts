import { pageSettings, type RoleName } from "../api/page-settings.ts";
import { homePath, rootPath } from "../api/root-path.ts";

/**
 * Returns the path of the pages of another program that the dashboards show. Undefined if the dashboards do not show this
 * page, or have no such program.
 */
export function pagesOf(role: RoleName, { stack } = pageSettings, home = homePath): string | undefined {
  const path = stack.get(role);
  return home === undefined || path === undefined ? undefined : `${home}/${path}`;
}

/** Returns the path to the API of another program that the dashboards show: their proxy to the data source. */
export function apiOf(role: RoleName, { stack } = pageSettings, home = homePath): string | undefined {
  const uid = /^sources\/([^/]+)$/.exec(stack.get(role) ?? "")?.[1];
  return home === undefined || uid === undefined ? undefined : `${home}/api/datasources/proxy/uid/${uid}`;
}

/** Returns the address of the page with the rules and alerts of the server. Undefined if no server is known. */
export function ruleAlertsAddress(name = ""): string | undefined {
  const pages = pagesOf("server");
  const search = name === "" ? "" : `?${new URLSearchParams({ search: name })}`;
  return pages === undefined ? undefined : `${pages}/alerts${search}`;
}

/** Returns the address of the page that sets up receivers. Undefined if no Alertmanager is known. */
export function receiversAddress(settings = pageSettings, home = homePath, root = rootPath): string | undefined {
  const pages = settings.role === "alertmanager" ? root : pagesOf("alertmanager", settings, home);
  return pages === undefined ? undefined : `${pages}/receivers`;
}
