import { rootPath } from "../../api/root-path.ts";

/**
 * The path that the parameter `redirectTo` of the sign-in page names, below the role's own; undefined where there is none, or where it
 * would lead to another site, or to signing in or out again.
 */
export function pathBack(search: string): string | undefined {
  const wanted = new URLSearchParams(search).get("redirectTo");
  if (wanted === null || !wanted.startsWith("/")) return undefined;
  const url = URL.parse(`${rootPath}${wanted}`, location.origin);
  if (url === null || url.origin !== location.origin || !url.pathname.startsWith(`${rootPath}/`)) return undefined;
  const path = url.pathname.slice(rootPath.length);
  return path.startsWith("//") || /^\/(?:login|logout)(?:\/|$)/.test(path) ? undefined : `${url.pathname}${url.search}`;
}
