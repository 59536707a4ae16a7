import { BlockList, isIP, isIPv4 } from "node:net";

/** An IP address of this machine, with its network interface. */
export interface InterfaceAddress {
  readonly interface: string;
  readonly address: string;
  /** Length of the network prefix in bits. */
  readonly prefix: number;
}

export interface AdvertiseOptions {
  /** Configured host of the listening socket. "" and wildcards mean all addresses. */
  readonly bindHost: string;
  /** Configured host to advertise, or "" to choose an address. */
  readonly host: string;
  readonly allowPublic: boolean;
  readonly interfaces: readonly InterfaceAddress[];
  /** Name of the network interface of the default route; undefined if it is unknown. */
  readonly defaultInterface: string | undefined;
}

const blocks = (...ranges: readonly string[]): BlockList => {
  const list = new BlockList();
  for (const range of ranges) {
    const [network, prefix] = range.split("/") as [string, string];
    list.addSubnet(network, Number(prefix), isIPv4(network) ? "ipv4" : "ipv6");
  }
  return list;
};

/** Special-purpose networks (RFC 6890) whose addresses routers may forward. They count as private. */
const PRIVATE = blocks(
  "10.0.0.0/8",
  "100.64.0.0/10",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "198.18.0.0/15",
  "64:ff9b::/96",
  "fc00::/7",
);

/** Special-purpose networks whose addresses routers never forward. */
const UNFORWARDABLE = blocks(
  "0.0.0.0/8",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "192.0.0.0/24",
  "192.0.2.0/24",
  "198.51.100.0/24",
  "203.0.113.0/24",
  "240.0.0.0/4",
  "::1/128",
  "::/128",
  "100::/64",
  "2001::/23",
  "2001:db8::/32",
  "fe80::/10",
);

const within = (list: BlockList, address: string): boolean => list.check(address, isIPv4(address) ? "ipv4" : "ipv6");

/** Reports whether a host is a wildcard for all addresses of the machine. */
export const isAnyHost = (host: string): boolean => host === "" || host === "0.0.0.0" || /^[0:]+$/.test(host);

const LOOPBACK = blocks("127.0.0.0/8", "::1/128");

/** Reports whether an address cannot be reached from other machines. */
export const isUnroutable = (host: string): boolean =>
  isAnyHost(host) || host.toLowerCase() === "localhost" || (isIP(host) !== 0 && within(LOOPBACK, host));

/** Returns the address under which other instances can reach this one. Throws an Error with Alertmanager's message. */
export function advertisedHost(options: AdvertiseOptions): string {
  const { bindHost, host, allowPublic } = options;
  if (host !== "") {
    if (isIP(host) === 0) throw new Error(`failed to parse advertise addr '${host}'`);
    return host;
  }
  if (!isAnyHost(bindHost)) {
    if (isIP(bindHost) === 0) throw new Error(`failed to parse bind addr '${bindHost}'`);
    return bindHost;
  }
  const addresses = sorted(options);
  const found = addresses.find((address) => within(PRIVATE, address));
  if (found !== undefined) return found;
  if (!allowPublic) throw new Error("no private IP found, explicit advertise addr not provided");
  const publicOne = addresses[0];
  if (publicOne !== undefined) return publicOne;
  throw new Error("no private/public IP found, explicit advertise addr not provided");
}

/**
 * Returns the addresses of this machine in order of preference: addresses of the default route's interface first, then
 * IPv4, then addresses of smaller networks.
 */
function sorted({ interfaces, defaultInterface }: AdvertiseOptions): readonly string[] {
  const size = ({ address, prefix }: InterfaceAddress): number => (isIPv4(address) ? 32 : 128) - prefix;
  return interfaces
    .filter(({ address }) => !within(UNFORWARDABLE, address))
    .toSorted(
      (a, b) =>
        Number(b.interface === defaultInterface) - Number(a.interface === defaultInterface) ||
        isIP(a.address) - isIP(b.address) ||
        size(a) - size(b),
    )
    .map(({ address }) => address);
}

/** Returns the interface of the default route, or undefined. `routes` is the text of /proc/net/route. */
export function defaultRouteInterface(routes: string): string | undefined {
  const fields = routes.split("\n").map((line) => line.split("\t"));
  return fields.find(([, destination, , , , , , mask]) => destination === "00000000" && mask === "00000000")?.[0];
}
