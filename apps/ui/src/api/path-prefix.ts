const serverPages = [
  "query",
  "graph",
  "alerts",
  "rules",
  "targets",
  "service-discovery",
  "status",
  "tsdb-status",
  "flags",
  "config",
  "alertmanager-discovery",
  "agent",
];

/**
 * The path below which the server is reached, without a trailing slash, found by taking the known page off
 * the end of the location. A reverse proxy may therefore add any prefix without a setting here.
 */
export function pathPrefixOf(pathname: string, pages: readonly string[] = serverPages): string {
  const trimmed = pathname.replace(/\/+$/, "");
  const cut = trimmed.lastIndexOf("/");
  const last = trimmed.slice(cut + 1);
  if (pages.includes(last)) return trimmed.slice(0, cut);
  if (last.endsWith(".html")) return trimmed.slice(0, cut);
  return trimmed;
}
