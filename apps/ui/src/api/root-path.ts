import { pageSettings } from "../shell/page-settings.ts";

/** The path of a page's root, without a slash at its end: "" at a host's top. */
export const rootPathOf = (page: string, root: string): string => new URL(root, page).pathname.replace(/\/+$/, "");

/**
 * Where pages and API are reached, fixed for the life of the page. It is relative to the page that was loaded: a reverse
 * proxy may add any prefix without a setting here.
 */
export const rootPath = rootPathOf(location.href, pageSettings.root);
