import { BlockList, isIP } from "node:net";
import type { IncomingHttpHeaders } from "node:http";
import { SettingsError } from "../settings/load-settings.ts";
import type { Settings } from "../settings/setting-table.ts";

/** The parts of a request from which the client's address is determined: the connection and the headers. */
export interface Received {
  /** Address of the TCP peer: the client, or the last proxy in front of this server. */
  readonly ip: string;
  readonly headers: IncomingHttpHeaders;
}

/**
 * Returns a function that determines the client address of a request. Normally this is the address at the other end of
 * the connection. If this address is a proxy of `server.trusted_proxies`, the client address is the last address in
 * X-Forwarded-For that is not a trusted proxy. Throws SettingsError.
 */
export function clientAddress(settings: Settings): (request: Received) => string {
  const trusted = addressList("server.trusted_proxies", settings["server.trusted_proxies"]);
  const isTrusted = (address: string): boolean => isInList(trusted, address);
  return ({ ip, headers }) => {
    let address = plainAddress(ip);
    if (!isTrusted(address)) return address;
    const hops = [headers["x-forwarded-for"] ?? []].flat().join(",").split(",").slice(-MAX_HOPS);
    for (const hop of hops.toReversed()) {
      const before = plainAddress(hop.trim());
      // Stops at an entry that is not an IP address, because no trusted proxy has written it.
      if (isIP(before) === 0) return address;
      address = before;
      if (!isTrusted(address)) return address;
    }
    return address;
  };
}

/**
 * Returns the network by which clients are distinguished. For IPv6 it is the first 64 bits of the address, because one
 * client usually owns all of these addresses. For IPv4 it is the whole address.
 */
export function clientNetwork(address: string): string {
  if (isIP(address) !== 6) return address;
  // The URL parser converts an IPv6 address to its shortest notation, so that equal addresses have equal texts.
  const short = new URL(`http://[${address.split("%", 1)[0]}]/`).hostname.slice(1, -1);
  const [head = [], tail] = short.split("::", 2).map((half) => (half === "" ? [] : half.split(":")));
  const zeros = tail === undefined ? 0 : 8 - head.length - tail.length;
  const groups = [...head, ...Array.from({ length: zeros }, () => "0"), ...(tail ?? [])];
  return `${groups.slice(0, 4).join(":")}::/64`;
}

/**
 * Returns the site of a network. For IPv6 it is the first 48 bits, which one customer usually owns. For IPv4 it is the
 * network itself.
 */
export const clientSite = (network: string): string =>
  network.endsWith("::/64") ? `${network.split(":", 3).join(":")}::/48` : network;

/**
 * Reports whether an address may belong to a proxy with many clients. This is the case if the request has forwarding
 * headers, but its proxy is not trusted or sends no X-Forwarded-For. A client can also send such headers itself.
 */
export const isHiddenByProxy = ({ ip, headers }: Received, address: string): boolean =>
  address === plainAddress(ip) && FORWARDED_FOR.some((name) => headers[name] !== undefined);

/**
 * Reports whether a request comes from a program on this machine, and not from a proxy on this machine that serves other
 * machines. Only HTTP/1.1 with a loopback name as host and without forwarding headers counts: nginx, for example, writes
 * the loopback address as host if it is not configured otherwise, but then it uses HTTP/1.0.
 */
export const isFromThisMachine = ({
  ip,
  headers,
  raw,
}: Received & { readonly raw: { readonly httpVersion: string } }) =>
  LOOPBACK.test(plainAddress(ip)) &&
  isLoopbackHost(headers.host ?? "") &&
  raw.httpVersion === "1.1" &&
  FORWARDING.every((name) => headers[name] === undefined);

/** Reports whether a host, with or without a port, is a loopback name or address. */
export const isLoopbackHost = (host: string): boolean => LOOPBACK_HOST.test(host);

const LOOPBACK = /^(?:127\.\d{1,3}\.\d{1,3}\.\d{1,3}|::1)$/;
const LOOPBACK_HOST = /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?$/i;

const FORWARDED_FOR = ["x-forwarded-for", "forwarded", "x-real-ip"];
const FORWARDING = [...FORWARDED_FOR, "x-forwarded-host", "x-forwarded-proto", "via"];

/** Maximum number of proxies in X-Forwarded-For that are considered. */
const MAX_HOPS = 20;

/**
 * Returns an IPv4 address that is written as an IPv6 address (`::ffff:1.2.3.4`) in IPv4 notation. Other addresses stay
 * unchanged.
 */
export const plainAddress = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/i, "");

/** Parses addresses and networks, separated by spaces or commas. Throws SettingsError. */
export function addressList(setting: string, text: string): BlockList {
  const list = new BlockList();
  for (const word of text.split(/[\s,]+/).filter((one) => one !== "")) {
    const [address = "", bits] = word.split("/", 2);
    const family = isIP(address);
    const most = family === 6 ? 128 : 32;
    if (family === 0 || (bits !== undefined && !(/^\d{1,3}$/.test(bits) && Number(bits) <= most))) {
      throw new SettingsError(
        `${setting}: ${JSON.stringify(word)} is neither an address nor a network; write 10.0.0.1 or 10.0.0.0/8`,
      );
    }
    list.addSubnet(address, bits === undefined ? most : Number(bits), family === 6 ? "ipv6" : "ipv4");
  }
  return list;
}

export function isInList(list: BlockList, address: string): boolean {
  const family = isIP(address);
  return family !== 0 && list.check(address, family === 6 ? "ipv6" : "ipv4");
}

declare module "fastify" {
  interface FastifyRequest {
    /** Network address of the client. For requests through trusted proxies, it comes from X-Forwarded-For. */
    clientAddress: string;
  }
}
