/** An address to which clients push, or the part of it that is known. */
export interface PushAddress {
  /** Address without a trailing slash; undefined if it is not known. */
  readonly url: string | undefined;
  /** Whether the address is only right on the host of the Pushgateway. */
  readonly isOnItsHost: boolean;
}

const UNKNOWN: PushAddress = { url: undefined, isOnItsHost: false };

/** Hosts in a listen address that mean this machine, or all its addresses. */
const ITS_HOST: ReadonlySet<string> = new Set(["", "localhost", "127.0.0.1", "[::1]", "0.0.0.0", "[::]"]);

/**
 * Returns the address of a Pushgateway whose pages are shown within the dashboards: its external URL, otherwise its first
 * listen address. The address of the page itself is that of the dashboards.
 * @param flags flags of the Pushgateway, as its status shows them
 */
export function pushAddress(flags: Readonly<Record<string, string>>): PushAddress {
  const flag = (name: string): string => (Object.hasOwn(flags, name) ? flags[name]!.trim() : "");
  const external = URL.parse(flag("web.external-url"));
  if (external !== null && (external.protocol === "http:" || external.protocol === "https:"))
    return { url: trimSlash(`${external.origin}${external.pathname}`), isOnItsHost: false };
  // With a web configuration, the server may use TLS. With a socket of systemd, the port is not a flag.
  if (flag("web.config.file") !== "" || flag("web.systemd-socket") === "true") return UNKNOWN;
  const first = flag("web.listen-address").split(",", 1)[0]!;
  const colon = first.lastIndexOf(":");
  const [host, port] = [first.slice(0, colon), Number(first.slice(colon + 1))];
  if (colon === -1 || !Number.isInteger(port) || port < 1 || port > 65_535) return UNKNOWN;
  const isOnItsHost = ITS_HOST.has(host);
  const url = URL.parse(`http://${isOnItsHost ? "localhost" : host}:${port}`);
  return url === null ? UNKNOWN : { url: trimSlash(`${url.origin}${prefixOf(flag("web.route-prefix"))}`), isOnItsHost };
}

const prefixOf = (prefix: string): string => (prefix === "" || prefix.startsWith("/") ? prefix : `/${prefix}`);

const trimSlash = (url: string): string => (url.endsWith("/") ? url.slice(0, -1) : url);
