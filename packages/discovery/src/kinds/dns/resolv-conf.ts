import { trimTrailing } from "@narthex/model";

/** The settings of resolv.conf(5) for servers and for names that are not absolute. */
export interface ResolvConf {
  /** Addresses of DNS servers with an optional port: `10.0.0.2`, `[::1]:5353`. */
  readonly servers: readonly string[];
  /** Search suffixes, which are appended to relative DNS names. */
  readonly search: readonly string[];
  /** A DNS name with at least this number of dots is looked up without a suffix first. */
  readonly ndots: number;
}

/** Maximum of the `ndots` option, as in the C library. */
const MAX_NDOTS = 15;

/**
 * Parses the text of resolv.conf. Ignores unknown words. If there are several `domain` or `search` lines, uses the last
 * one.
 */
export function parseResolvConf(text: string): ResolvConf {
  const servers: string[] = [];
  let search: readonly string[] = [];
  let ndots = 1;
  for (const line of text.split("\n")) {
    const [word, ...values] = line.trim().split(/\s+/);
    if (word === "nameserver" && values[0] !== undefined) servers.push(values[0]);
    else if (word === "domain") search = values.slice(0, 1);
    else if (word === "search") search = values;
    else if (word === "options") {
      for (const option of values) {
        const count = /^ndots:(.*)$/.exec(option)?.[1];
        if (count !== undefined) ndots = Math.min(Math.max(Number.parseInt(count, 10) || 0, 0), MAX_NDOTS);
      }
    }
  }
  return { servers, search, ndots };
}

/** Returns the absolute DNS names to look up for a name, in order. A name with a final dot is already absolute. */
export function candidates(name: string, { search, ndots }: ResolvConf): string[] {
  if (name.endsWith(".")) return [name];
  const dots = name.split(".").length - 1;
  const suffixed = search.map((suffix) => absolute(`${name}.${suffix}`));
  return dots >= ndots ? [absolute(name), ...suffixed] : [...suffixed, absolute(name)];
}

/** Returns a name with exactly one dot at its end. For the suffix `.`, which is the root, no second dot is added. */
const absolute = (name: string): string => `${trimTrailing(name, ".")}.`;
