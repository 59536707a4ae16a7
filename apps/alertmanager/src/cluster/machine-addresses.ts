import { readFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { defaultRouteInterface, type InterfaceAddress } from "@narthex/mesh";

/**
 * Returns this machine's IP addresses and the interface of its default route. Returns no addresses if the operating
 * system refuses access, because the user can set an address with a flag.
 */
export function machineAddresses(read: typeof networkInterfaces = networkInterfaces): {
  readonly interfaces: readonly InterfaceAddress[];
  readonly defaultInterface: string | undefined;
} {
  let found: ReturnType<typeof networkInterfaces> = {};
  let routes = "";
  try {
    found = read();
    routes = readFileSync("/proc/net/route", "utf8");
  } catch {
    // Ignores the error, because a sandbox may forbid reading interfaces, and only Linux has /proc/net/route.
  }
  const interfaces = Object.entries(found).flatMap(([name, addresses = []]) =>
    addresses.map(({ address, cidr }) => ({ interface: name, address, prefix: Number(cidr?.split("/")[1] ?? 0) })),
  );
  return { interfaces, defaultInterface: defaultRouteInterface(routes) };
}
