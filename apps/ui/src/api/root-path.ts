import { pageSettings } from "./page-settings.ts";

/** Returns the path of a page's root, without a trailing slash; "" for the top of a host. */
export const rootPathOf = (page: string, root: string): string => new URL(root, page).pathname.replace(/\/+$/, "");

/**
 * Root path of the pages. The code computes this path from the loaded page's URL. So a reverse proxy may add any prefix
 * without configuration.
 */
export const rootPath = rootPathOf(location.href, pageSettings.root);

/** Root path of this program's API. It differs from `rootPath` if the pages are shown within the dashboards. */
export const apiPath = rootPathOf(location.href, `${pageSettings.root}${pageSettings.api}`);

/** Root path of the dashboards' pages. Undefined if these pages are not shown within the dashboards. */
export const homePath: string | undefined =
  pageSettings.role === "dashboards"
    ? rootPath
    : pageSettings.home === ""
      ? undefined
      : rootPathOf(location.href, `${pageSettings.root}${pageSettings.home}`);

/**
 * Root path of the dashboards' pages and API, for code that the dashboards share with pages within them. Without
 * dashboards, this is the root path of the pages.
 */
export const dashboardsPath: string = homePath ?? rootPath;

/** Returns the uid of the data source whose pages are shown within the dashboards; undefined outside of them. */
export function shownSource(home = homePath, root = rootPath): string | undefined {
  const folder = `${home}/sources/`;
  return home !== undefined && root.startsWith(folder) ? decodeURIComponent(root.slice(folder.length)) : undefined;
}
