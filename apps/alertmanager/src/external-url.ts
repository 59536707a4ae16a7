/** The URL that links in notifications begin with, without a slash at its end; throws an Error for a bad one. */
export function externalUrl(given: string, listen: string, hostname: string): string {
  if (given === "") return `http://${hostname}:${/:(\d+)$/.exec(listen)?.[1] ?? "9093"}`;
  const url = URL.parse(given);
  if (url === null || url.hostname === "") throw new Error(`parse ${JSON.stringify(given)}: missing host or scheme`);
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw new Error(
      `${given}: invalid ${JSON.stringify(url.protocol.slice(0, -1))} scheme, only 'http' and 'https' are supported`,
    );
  }
  return given.replace(/\/+$/, "");
}

/** Prefix of all routes: the flag's, else the external URL's path; "" or `/path` without a slash at its end. */
export function routePrefix(given: string, external: string): string {
  const path = given === "" ? new URL(external).pathname : given;
  const trimmed = path.replace(/^\/+|\/+$/g, "");
  return trimmed === "" ? "" : `/${trimmed}`;
}
