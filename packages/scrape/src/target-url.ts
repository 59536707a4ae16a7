import type { Labels } from "@narthex/model";

const PARAMETER = "__param_";

/** `scheme://address/path?query` of a target's labels; `__param_x` replaces the first value of x. */
export function targetUrl(labels: Labels, params: ReadonlyMap<string, readonly string[]>): string {
  const query = new Map([...params].map(([name, values]) => [name, [...values]]));
  for (const [name, value] of labels) {
    if (!name.startsWith(PARAMETER)) continue;
    const key = name.slice(PARAMETER.length);
    query.set(key, [value, ...(query.get(key) ?? []).slice(1)]);
  }
  const path = labels.get("__metrics_path__");
  const rooted = path === "" || path.startsWith("/") ? path : `/${path}`;
  const search = encodeQuery(query);
  const base = `${labels.get("__scheme__")}://${labels.get("__address__")}${encodePath(rooted)}`;
  return search === "" ? base : `${base}?${search}`;
}

/** Go's url.Values.Encode: by key, spaces as `+`. */
function encodeQuery(query: ReadonlyMap<string, readonly string[]>): string {
  return [...query]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([name, values]) => values.map((value) => `${encodePart(name)}=${encodePart(value)}`))
    .join("&");
}

const strictly = (text: string): string =>
  encodeURIComponent(text.toWellFormed()).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );

const encodePart = (text: string): string => strictly(text).replaceAll("%20", "+");

/** Go's escaping of a path: what may stand in one stays. */
const encodePath = (path: string): string => path.replace(/[^a-zA-Z0-9\-_.~$&+,/:;=@]+/g, (rest) => strictly(rest));

/** What the server is called from outside. */
export interface OutsideView {
  readonly externalUrl: URL;
  /** Port the server listens on. */
  readonly listenPort: number;
}

const LOCAL_HOSTS: ReadonlySet<string> = new Set(["localhost", "127.0.0.1", "[::1]", "::1"]);

/** The target's URL as one outside this machine would write it. */
export function globalUrl(url: string, outside: OutsideView | undefined): string {
  if (outside === undefined) return url;
  const parts = /^([^:]+):\/\/(\[[^\]]*\]|[^/?#:]*):(\d+)(.*)$/.exec(url);
  if (parts === null || !LOCAL_HOSTS.has(parts[2]!)) return url;
  const { externalUrl, listenPort } = outside;
  const rest = parts[4]!;
  if (Number(parts[3]) === listenPort) return `${externalUrl.protocol}//${externalUrl.host}${rest}`;
  return `${parts[1]}://${externalUrl.hostname}:${parts[3]}${rest}`;
}
