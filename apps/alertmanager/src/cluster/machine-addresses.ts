import { readFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { defaultRouteInterface, type InterfaceAddress } from "@narthex/mesh";

/**
 * Returns this machine's addresses, and the interface of its default route. No addresses if the system does not allow
 * reading them: an address that the user gives is enough.
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
    // A sandbox may forbid netlink. Other systems than Linux have no file of routes; there the order decides.
  }
  const interfaces = Object.entries(found).flatMap(([name, addresses = []]) =>
    addresses.map(({ address, cidr }) => ({ interface: name, address, prefix: Number(cidr?.split("/")[1] ?? 0) })),
  );
  return { interfaces, defaultInterface: defaultRouteInterface(routes) };
}
