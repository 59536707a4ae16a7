import { lookup, type LookupAddress } from "node:dns";
import type { LookupFunction } from "node:net";

/** Resolves a name to all of its addresses. */
export type LookupAll = (
  name: string,
  options: { readonly all: true },
  done: (error: Error | null, addresses: LookupAddress[]) => void,
) => void;

/**
 * Returns a lookup function for `net.connect` that chooses a random address of the host for each connection. This
 * distributes connections over all servers with the same name.
 * @param random returns a number from 0 to below 1
 */
export function roundRobinLookup(random: () => number = Math.random, lookupAll: LookupAll = lookup): LookupFunction {
  return (name, options, done) => {
    lookupAll(name, { all: true }, (error, addresses) => {
      const chosen = addresses?.[Math.floor(random() * addresses.length)];
      if (error !== null || chosen === undefined) {
        done(error ?? Object.assign(new Error(`no address of ${name}`), { code: "ENOTFOUND" }), "", 0);
      } else if (options.all === true) done(null, [chosen]);
      else done(null, chosen.address, chosen.family);
    });
  };
}
