import { matchPath } from "react-router";
import type { Role } from "./role.ts";

/**
 * Starts to load the code of the page at a path, before the frame around the page is rendered.
 * @param root root path of the program's pages, without a trailing slash
 */
export function loadOpenedPage({ pages }: Pick<Role, "pages">, pathname: string, root: string): void {
  const path = pathname.slice(root.length) || "/";
  void pages.find((page) => matchPath(page.path, path) !== null)?.Page.load?.();
}
