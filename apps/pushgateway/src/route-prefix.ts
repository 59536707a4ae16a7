/** Prefix of all routes: "" or a path that begins with a slash and does not end with one. */
export function routePrefix(prefix: string, externalUrl: string): string {
  const path = prefix === "" ? pathOf(externalUrl) : prefix;
  const trimmed = path.replace(/\/$/, "");
  return trimmed === "" || trimmed.startsWith("/") ? trimmed : `/${trimmed}`;
}

/** Path of a URL; an address without a scheme has none. */
const pathOf = (url: string): string => (url === "" ? "" : (URL.parse(url)?.pathname ?? ""));
