import { BlockList, isIP } from "node:net";
import type { IncomingHttpHeaders } from "node:http";
import { SettingsError } from "../settings/load-settings.ts";
import type { Settings } from "../settings/setting-table.ts";

/** The parts of a request that show its origin. */
export interface Received {
  /** Address of the other end of the connection. */
  readonly ip: string;
  readonly headers: IncomingHttpHeaders;
}

/**
 * Returns a function that finds a request's client address: the other end of the connection. If that is a proxy of
 * `server.trusted_proxies`, it is the last address of X-Forwarded-For that is not such a proxy. Throws SettingsError.
 */
export function clientAddress(settings: Settings): (request: Received) => string {
  const trusted = networks(settings["server.trusted_proxies"]);
  const isTrusted = (address: string): boolean => {
    const family = isIP(address);
    return family !== 0 && trusted.check(address, family === 6 ? "ipv6" : "ipv4");
  };
  return ({ ip, headers }) => {
    let address = plainAddress(ip);
    if (!isTrusted(address)) return address;
    const hops = [headers["x-forwarded-for"] ?? []].flat().join(",").split(",").slice(-MAX_HOPS);
    for (const hop of hops.toReversed()) {
      const before = plainAddress(hop.trim());
      // None of our proxies wrote an entry that is not an IP address.
      if (isIP(before) === 0) return address;
      address = before;
      if (!isTrusted(address)) return address;
    }
    return address;
  };
}

/**
 * Returns the network by which clients are distinguished: the first 64 bits of an IPv6 address, which one client
 * usually owns, or a whole IPv4 address.
 */
export function clientNetwork(address: string): string {
  if (isIP(address) !== 6) return address;
  // URLs have a unique notation for each address.
  const short = new URL(`http://[${address.split("%", 1)[0]}]/`).hostname.slice(1, -1);
  const [head = [], tail] = short.split("::", 2).map((half) => (half === "" ? [] : half.split(":")));
  const zeros = tail === undefined ? 0 : 8 - head.length - tail.length;
  const groups = [...head, ...Array.from({ length: zeros }, () => "0"), ...(tail ?? [])];
  return `${groups.slice(0, 4).join(":")}::/64`;
}

/**
 * Returns the site of a network: the first 48 bits of an IPv6 network, which one customer usually owns; otherwise the
 * network.
 */
export const clientSite = (network: string): string =>
  network.endsWith("::/64") ? `${network.split(":", 3).join(":")}::/48` : network;

/**
 * Returns whether the address may be that of a proxy with many clients: the proxy is not trusted, or sends no
 * X-Forwarded-For. A client can also send these headers itself.
 */
export const isHiddenByProxy = ({ ip, headers }: Received, address: string): boolean =>
  address === plainAddress(ip) && FORWARDING.some((name) => headers[name] !== undefined);

const FORWARDING = ["x-forwarded-for", "forwarded", "x-real-ip"];

/** Largest number of proxies in a chain. */
const MAX_HOPS = 20;

/** Returns an IPv4 address without its IPv6 notation. */
export const plainAddress = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/i, "");

function networks(text: string): BlockList {
  const list = new BlockList();
  for (const word of text.split(/[\s,]+/).filter((one) => one !== "")) {
    const [address = "", bits] = word.split("/", 2);
    const family = isIP(address);
    const most = family === 6 ? 128 : 32;
    if (family === 0 || (bits !== undefined && !(/^\d{1,3}$/.test(bits) && Number(bits) <= most))) {
      throw new SettingsError(
        `server.trusted_proxies: ${JSON.stringify(word)} is neither an address nor a network; write 10.0.0.1 or 10.0.0.0/8`,
      );
    }
    list.addSubnet(address, bits === undefined ? most : Number(bits), family === 6 ? "ipv6" : "ipv4");
  }
  return list;
}

declare module "fastify" {
  interface FastifyRequest {
    /** The client's address behind trusted proxies. */
    clientAddress: string;
  }
}
