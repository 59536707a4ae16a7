import type { NetworkInterfaceInfo } from "node:os";

export type Loopback = "127.0.0.1" | "::1";

/** Returns this machine's loopback address: ::1 if the machine has no IPv4, otherwise 127.0.0.1. */
export function loopbackOf(
  interfaces: Readonly<Record<string, readonly Pick<NetworkInterfaceInfo, "address">[] | undefined>>,
): Loopback {
  const addresses = Object.values(interfaces).flatMap((own) => own?.map(({ address }) => address) ?? []);
  return addresses.includes("::1") && !addresses.includes("127.0.0.1") ? "::1" : "127.0.0.1";
}
