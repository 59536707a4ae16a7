import { lookup, lookupService } from "node:dns/promises";
import { hostname } from "node:os";

/** The functions of the operating system with which the name of the host is found. */
export interface HostNames {
  hostname(): string;
  addressesOf(name: string): Promise<readonly string[]>;
  nameOf(address: string): Promise<string>;
}

const systemNames: HostNames = {
  hostname,
  addressesOf: async (name) => (await lookup(name, { all: true })).map(({ address }) => address),
  nameOf: async (address) => (await lookupService(address, 0)).hostname,
};

/**
 * Returns the name that one of the host's addresses has in DNS, such as `host.example.org`. Without such a name, returns
 * the host's own name, or `prometheus` if it has none.
 */
export async function hostName(names: HostNames = systemNames): Promise<string> {
  const own = names.hostname();
  const addresses = await names.addressesOf(own).catch(() => []);
  for (const address of addresses) {
    const found = await names.nameOf(address).catch(() => "");
    if (found !== "") return found;
  }
  return own === "" ? "prometheus" : own;
}
