import { pageSettings } from "./page-settings.ts";

/** Returns the path of a page's root, without a trailing slash; "" for the top of a host. */
export const rootPathOf = (page: string, root: string): string => new URL(root, page).pathname.replace(/\/+$/, "");

/**
 * Root path of the pages and the API; it does not change while the page is open. The path is relative to the loaded
 * page, so that a reverse proxy may add any prefix without a setting here.
 */
export const rootPath = rootPathOf(location.href, pageSettings.root);

/** Root path of this role's API. It differs from `rootPath` if the dashboards include the pages of this role. */
export const apiPath = rootPathOf(location.href, `${pageSettings.root}${pageSettings.api}`);

/** Root path of the dashboards' pages; undefined if this role has none. */
export const homePath: string | undefined =
  pageSettings.role === "dashboards"
    ? rootPath
    : pageSettings.home === ""
      ? undefined
      : rootPathOf(location.href, `${pageSettings.root}${pageSettings.home}`);
