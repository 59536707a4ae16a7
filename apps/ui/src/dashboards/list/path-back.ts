import { rootPath } from "../../api/root-path.ts";

/**
 * The path that the parameter `redirectTo` of the sign-in page names, below the role's own; undefined where there is none, or where it
 * would lead to another site.
 */
export function pathBack(search: string): string | undefined {
  const wanted = new URLSearchParams(search).get("redirectTo");
  if (wanted === null || !wanted.startsWith("/")) return undefined;
  const { origin, pathname, search: query } = new URL(`${rootPath}${wanted}`, location.origin);
  return origin === location.origin && !pathname.startsWith("//") ? `${pathname}${query}` : undefined;
}
