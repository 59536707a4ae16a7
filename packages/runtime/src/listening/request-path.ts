/**
 * Returns the path of a request's URL with its escapes decoded, one character for each byte, or undefined if an escape
 * is malformed.
 */
export function requestPath(url: string): string | undefined {
  const path = url.split("?", 1)[0]!;
  if (!path.includes("%")) return path;
  if (/%(?![\da-f]{2})/i.test(path)) return undefined;
  return path.replace(/%([\da-f]{2})/gi, (_escape, digits: string) => String.fromCharCode(parseInt(digits, 16)));
}

/** Returns a path without repeated slashes and dot segments, like Go's router. A slash at the end is kept. */
export function cleanPath(path: string): string {
  if (!/\/\/|\/\.\.?(?:\/|$)/.test(path)) return path;
  const kept: string[] = [];
  for (const part of path.split("/")) {
    if (part === "..") kept.pop();
    else if (part !== "" && part !== ".") kept.push(part);
  }
  return `/${kept.join("/")}${path.endsWith("/") && kept.length > 0 ? "/" : ""}`;
}

/** Escapes a path for a URL like Go. Each character of the path represents one byte. */
export const escapePath = (path: string): string =>
  path.replace(/[^\w\-.~$&+,/:;=@]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`);

/**
 * Returns a function that recognises health checks of a server: `/-/healthy` and `/-/ready` below its prefix, with any
 * query.
 * @param more paths of more health checks, without the prefix
 */
export function healthChecks(routePrefix: string, more: readonly string[] = []): (url: string) => boolean {
  const paths = new Set(["/-/healthy", "/-/ready", ...more].map((path) => routePrefix + path));
  return (url) => {
    const queryAt = url.indexOf("?");
    return paths.has(queryAt === -1 ? url : url.slice(0, queryAt));
  };
}
