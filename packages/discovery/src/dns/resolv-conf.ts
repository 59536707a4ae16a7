import { trimTrailing } from "@narthex/model";

/** What a resolver's configuration (resolv.conf(5)) says about servers and about names that are not absolute. */
export interface ResolvConf {
  /** Addresses, each with a port if one is written: `10.0.0.2`, `[::1]:5353`. */
  readonly servers: readonly string[];
  /** Suffixes tried with names that are not absolute. */
  readonly search: readonly string[];
  /** A name with at least this many dots is tried as it stands first. */
  readonly ndots: number;
}

/** Limit of the C library. */
const MAX_NDOTS = 15;

/** Reads resolv.conf. Unknown words are passed over; of `domain` and `search` the last one counts. */
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

/** The absolute names to ask for, in this order; a trailing dot makes a name absolute. */
export function candidates(name: string, { search, ndots }: ResolvConf): string[] {
  if (name.endsWith(".")) return [name];
  const dots = name.split(".").length - 1;
  const suffixed = search.map((suffix) => absolute(`${name}.${suffix}`));
  return dots >= ndots ? [absolute(name), ...suffixed] : [...suffixed, absolute(name)];
}

/** A suffix of `.` is the root. */
const absolute = (name: string): string => `${trimTrailing(name, ".")}.`;
