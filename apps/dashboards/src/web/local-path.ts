/** A placeholder for this server's origin. */
const HERE = "http://here.invalid";

/**
 * Returns a path on this server as browsers parse it, percent-encoded and without dot segments. Undefined if it leads
 * to another server, or would after it is parsed again.
 */
export function localPath(path: string): string | undefined {
  if (!/^\/[^\\\s\p{Cc}]*$/u.test(path)) return undefined;
  const url = URL.parse(path, HERE);
  if (url === null || url.origin !== HERE || url.pathname.startsWith("//")) return undefined;
  return `${url.pathname}${url.search}${url.hash}`;
}
