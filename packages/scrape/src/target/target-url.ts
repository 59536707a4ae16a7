import { compareBytewise, type Labels } from "@narthex/model";

const PARAMETER = "__param_";

/**
 * Returns the URL `scheme://address/path?query` from a target's labels. The label `__param_x` replaces the first value
 * of the query parameter x.
 */
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

/** Encodes query parameters like Go's url.Values.Encode: sorted by key, spaces as `+`. */
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

/** Escapes the path of a URL as Go does. Characters that a path may contain are not escaped. */
const encodePath = (path: string): string => path.replace(/[^a-zA-Z0-9\-_.~$&+,/:;=@]+/g, (rest) => strictly(rest));

/** Escapes the host and port of a URL as Go does. */
const encodeHost = (host: string): string =>
  host.replace(/[^a-zA-Z0-9\-_.~!$&'()*+,;=:[\]<>"]+/g, (rest) => strictly(rest));

export interface ExternalAddress {
  readonly externalUrl: URL;
  readonly listenPort: number;
}

const LOCAL_HOSTS: ReadonlySet<string> = new Set(["localhost", "127.0.0.1", "::1"]);

/** A target's URL for use on other machines, or the reason why it is unknown. */
export interface GlobalUrl {
  readonly url: string;
  /** The reason why the URL is unknown, or "". */
  readonly problem: string;
}

/**
 * Returns a target's URL for use on other machines.
 * @param address the target's host and port, as in its label; `url` contains it
 */
export function globalUrl(url: string, address: string, outside: ExternalAddress | undefined): GlobalUrl {
  const target = splitHostPort(address);
  if ("problem" in target) return { url, problem: target.problem };
  if (outside === undefined || !LOCAL_HOSTS.has(target.host)) return { url, problem: "" };
  const { externalUrl, listenPort } = outside;
  const [scheme, rest] = [
    url.slice(0, url.indexOf("//")),
    url.slice(url.indexOf("//") + 2 + encodeHost(address).length),
  ];
  if (target.port === String(listenPort)) {
    return { url: `${externalUrl.protocol}//${externalUrl.host}${rest}`, problem: "" };
  }
  const host = externalUrl.hostname;
  const bare = host.startsWith("[") && target.port === "" ? host.slice(1, -1) : host;
  return { url: `${scheme}//${bare}${target.port === "" ? "" : `:${target.port}`}${rest}`, problem: "" };
}

/** Splits an address into host and port like Go's net.SplitHostPort, but the port may be missing. */
function splitHostPort(address: string): { host: string; port: string } | { problem: string } {
  const fail = (problem: string): { problem: string } => ({ problem: `address ${address}: ${problem}` });
  const close = address.indexOf("]");
  if (address.startsWith("[")) {
    if (close < 0) return fail("missing ']' in address");
    const [host, rest] = [address.slice(1, close), address.slice(close + 1)];
    if (rest.startsWith(":") && rest.includes(":", 1)) return fail("too many colons in address");
    if (rest !== "" && !rest.startsWith(":")) return fail("missing port in address");
    if (host.includes("[")) return fail("unexpected '[' in address");
    if (rest.includes("[")) return fail("unexpected '[' in address");
    if (rest.includes("]")) return fail("unexpected ']' in address");
    return { host, port: rest.slice(1) };
  }
  const colon = address.indexOf(":");
  if (colon !== address.lastIndexOf(":")) return fail("too many colons in address");
  if (address.includes("[")) return fail("unexpected '[' in address");
  if (close >= 0) return fail("unexpected ']' in address");
  return colon < 0 ? { host: address, port: "" } : { host: address.slice(0, colon), port: address.slice(colon + 1) };
}
