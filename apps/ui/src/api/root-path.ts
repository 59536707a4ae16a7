import { pageSettings } from "../shell/page-settings.ts";

/** The path of a page's root, without a slash at its end: "" at a host's top. */
export const rootPathOf = (page: string, root: string): string => new URL(root, page).pathname.replace(/\/+$/, "");

/**
 * Where pages and API are reached, fixed for the life of the page. It is relative to the page that was loaded: a reverse
 * proxy may add any prefix without a setting here.
 */
export const rootPath = rootPathOf(location.href, pageSettings.root);

/** Where the role's API is reached; elsewhere than its pages where they are shown among the dashboards. */
export const apiPath = rootPathOf(location.href, `${pageSettings.root}${pageSettings.api}`);

/** Where the pages of dashboards are reached; undefined where there are none around this role. */
export const homePath: string | undefined =
  pageSettings.role === "dashboards"
    ? rootPath
    : pageSettings.home === ""
      ? undefined
      : rootPathOf(location.href, `${pageSettings.root}${pageSettings.home}`);
