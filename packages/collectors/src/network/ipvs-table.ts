import { hexadecimalOf, unsignedOf } from "../host-files/kernel-number.ts";
import { fieldsOf, linesOf } from "../host-files/kernel-text.ts";

/** A real server (backend) of an IPVS virtual service. */
export interface IpvsBackend {
  /** TCP, UDP, SCTP, or FWM for services that are identified by a firewall mark. */
  readonly protocol: string;
  /** Address of the service; empty for services that are identified by a mark. */
  readonly localAddress: string;
  readonly localPort: number;
  /** Firewall mark; empty for services that are identified by an address. */
  readonly localMark: string;
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly weight: number;
  readonly activeConnections: number;
  readonly inactiveConnections: number;
}

type Service = Pick<IpvsBackend, "protocol" | "localAddress" | "localPort" | "localMark">;

const NO_SERVICE: Service = { protocol: "", localAddress: "", localPort: 0, localMark: "" };

/**
 * Parses /proc/net/ip_vs into backends. The line of a service is followed by lines with an arrow, one for each backend.
 */
export function parseIpvsTable(text: string): IpvsBackend[] {
  const backends: IpvsBackend[] = [];
  let service = NO_SERVICE;
  for (const [kind, place, , weight, active, inactive] of linesOf(text).map(fieldsOf)) {
    if (kind === undefined || place === undefined || place === "RemoteAddress:Port") continue;
    if (kind === "TCP" || kind === "UDP" || kind === "SCTP") {
      const [localAddress, localPort] = addressAndPort(place);
      service = { protocol: kind, localAddress, localPort, localMark: "" };
    } else if (kind === "FWM") {
      service = { protocol: kind, localAddress: "", localPort: 0, localMark: place };
    } else if (kind === "->" && inactive !== undefined) {
      const [remoteAddress, remotePort] = addressAndPort(place);
      backends.push({
        ...service,
        remoteAddress,
        remotePort,
        weight: unsignedOf(weight, "ip_vs weight"),
        activeConnections: unsignedOf(active, "ip_vs active connections"),
        inactiveConnections: unsignedOf(inactive, "ip_vs inactive connections"),
      });
    }
  }
  return backends;
}

/** Parses an address and port such as `C0A80016:0CEA` or `[2620:0000:0000:0000:0000:0000:0000:0001]:0050`. */
function addressAndPort(text: string): [address: string, port: number] {
  const port = hexadecimalOf(text.slice(-4), "ip_vs port");
  const [, four, six] = /^(?:([0-9A-Fa-f]{8})|\[([0-9A-Fa-f:]{39})\]):.{4}$/.exec(text) ?? [];
  if (four !== undefined) return [Buffer.from(four, "hex").join("."), port];
  const groups = six?.split(":") ?? [];
  if (groups.length !== 8) throw new Error(`ip_vs: expected an address and a port, got "${text}"`);
  return [shortAddress(groups.map((group) => Number.parseInt(group, 16))), port];
}

/** Formats an IPv6 address without its longest run of zeros. A mapped IPv4 address is formatted as IPv4. */
function shortAddress(groups: readonly number[]): string {
  const [high, low] = groups.slice(6) as [number, number];
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff)
    return [high >> 8, high & 255, low >> 8, low & 255].join(".");
  let best = { at: 0, length: 1 };
  for (let at = 0; at < groups.length; at++) {
    let end = at;
    while (groups[end] === 0) end++;
    if (end - at > best.length) best = { at, length: end - at };
  }
  const text = (some: readonly number[]): string => some.map((group) => group.toString(16)).join(":");
  if (best.length === 1) return text(groups);
  return `${text(groups.slice(0, best.at))}::${text(groups.slice(best.at + best.length))}`;
}
