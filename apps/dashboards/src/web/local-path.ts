/** Placeholder for the origin of this server, because URL can parse a relative path only with an origin. */
const HERE = "http://here.invalid";

/**
 * Returns a path on this server in the form in which browsers parse it: percent-encoded and without dot segments.
 * Returns undefined if the path leads to another server, or would lead to another server when the result is parsed
 * again.
 */
export function localPath(path: string): string | undefined {
  if (!/^\/[^\\\s\p{Cc}]*$/u.test(path)) return undefined;
  const url = URL.parse(path, HERE);
  if (url === null || url.origin !== HERE || url.pathname.startsWith("//")) return undefined;
  return `${url.pathname}${url.search}${url.hash}`;
}
