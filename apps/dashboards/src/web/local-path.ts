/** Stands for this server, whatever it is called. */
const HERE = "http://here.invalid";

/**
 * A path on this server as browsers read it, percent-encoded and without its dots; undefined for anything that leads
 * elsewhere, or would when it is read once more.
 */
export function localPath(path: string): string | undefined {
  if (!/^\/[^\\\s\p{Cc}]*$/u.test(path)) return undefined;
  const url = URL.parse(path, HERE);
  if (url === null || url.origin !== HERE || url.pathname.startsWith("//")) return undefined;
  return `${url.pathname}${url.search}${url.hash}`;
}
