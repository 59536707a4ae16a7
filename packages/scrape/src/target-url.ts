import { compareBytewise, type Labels } from "@narthex/model";

const PARAMETER = "__param_";

/** `scheme://address/path?query` of a target's labels; `__param_x` replaces the first value of x. */
export function targetUrl(labels: Labels, params: ReadonlyMap<string, readonly string[]>): string {
  let scheme = "";
  let address = "";
  let path = "";
  let query: Map<string, readonly string[]> | undefined = params.size === 0 ? undefined : new Map(params);
  const { pairs } = labels;
  for (let i = 0; i < pairs.length; i += 2) {
    const [name, value] = [pairs[i]!, pairs[i + 1]!];
    if (name === "__scheme__") scheme = value;
    else if (name === "__address__") address = value;
    else if (name === "__metrics_path__") path = value;
    else if (name.startsWith(PARAMETER)) {
      const key = name.slice(PARAMETER.length);
      query ??= new Map();
      query.set(key, [value, ...(query.get(key) ?? []).slice(1)]);
    }
  }
  const rooted = path === "" || path.startsWith("/") ? path : `/${path}`;
  const base = `${scheme === "" ? "" : `${scheme}:`}//${encodeHost(address)}${encodePath(rooted)}`;
  const search = query === undefined ? "" : encodeQuery(query);
  return search === "" ? base : `${base}?${search}`;
}

/** Go's url.Values.Encode: by key, spaces as `+`. */
function encodeQuery(query: ReadonlyMap<string, readonly string[]>): string {
  return [...query]
    .toSorted(([a], [b]) => compareBytewise(a, b))
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

/** Go's escaping of a host and port. */
const encodeHost = (host: string): string =>
  host.replace(/[^a-zA-Z0-9\-_.~!$&'()*+,;=:[\]<>"]+/g, (rest) => strictly(rest));

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
