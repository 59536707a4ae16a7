import { isIP } from "node:net";
import type { FastifyRequest } from "fastify";
import { bareHost, isLoopback } from "../loopback.ts";

/** Methods of requests that change no data, so that pages of other sites may send them. */
export const SAFE_METHODS: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * Returns whether a request can come from a page of this server, from the address bar or from another program. Returns
 * false if a page of another site sends it. Browsers set `Origin` for each change that a page requests. They set
 * `Sec-Fetch-Site` only for https and for localhost, so a request without it is judged by its origin. If a reverse
 * proxy has replaced `Host`, the page's host must be one of `ownHosts`.
 * @param ownHosts other hosts, with their ports, whose pages may send requests: `example.org:3000`
 */
export function isFromOwnPage(headers: FastifyRequest["headers"], ownHosts: ReadonlySet<string>): boolean {
  const { origin, host } = headers;
  const site = headers["sec-fetch-site"];
  if (site === "same-origin" || site === "none") return true;
  if (origin === undefined) return site === undefined;
  const from = URL.parse(origin)?.host ?? "";
  return from !== "" && (ownHosts.has(from) || (site === undefined && from === host));
}

/**
 * Returns whether a request can come from a page of another site whose name leads to this machine only since a moment
 * ago: its author changes the address of the name after the browser has loaded the page (DNS rebinding). An address
 * instead of a name cannot change, and browsers set `Sec-Fetch-Site` for https and localhost. On connections of this
 * machine, only the names in `ownHosts` are certain. Browsers set `Origin` for each change, but not for other requests.
 */
export function canBeRebound({ method, headers, socket }: Arrived, ownHosts: ReadonlySet<string>): boolean {
  const isChange = !SAFE_METHODS.has(method);
  if (headers["sec-fetch-site"] !== undefined || (isChange && headers.origin === undefined)) return false;
  const page = URL.parse(headers.origin ?? `http://${headers.host ?? ""}`);
  if (page === null || ownHosts.has(page.host) || page.hostname === "localhost") return false;
  const isNamed = isIP(bareHost(page.hostname)) === 0;
  return isNamed && isLoopback((socket.localAddress ?? "").replace(/^::ffff:/, ""));
}

type Arrived = Pick<FastifyRequest, "method" | "headers"> & { readonly socket: { readonly localAddress?: string } };
