import { expect } from "vitest";
import { type FlagTable, parseFlags } from "../flags.ts";
import type { Host } from "../host.ts";
import type { Logger } from "../logger.ts";
import type { RecordedCalls } from "./recorded-calls.ts";
import { testHost } from "./test-host.ts";

export interface ReadyRole {
  readonly calls: RecordedCalls;
  /** Returns the lines of the server's log so far. */
  readonly log: () => string;
  /** Sends a request to the server's first address. The path begins with "/". */
  readonly fetch: (path: string, init?: RequestInit) => Promise<Response>;
}

/**
 * A component that must receive the value of a flag, as a path for RecordedCalls.at(). For a converted value, a pair of
 * the path (or of a function that reads the value) and the expected value.
 */
type Arrival = string | readonly [look: string | ((role: ReadyRole) => unknown), sees: unknown];

/** A test value of a flag that is not its default, followed by the components that must receive the value. */
export type FlagRow = readonly [given: string, ...arrivals: readonly Arrival[]];

export interface FlagRole {
  readonly main: (host: Host) => Promise<number>;
  readonly table: FlagTable;
  readonly calls: RecordedCalls;
  /** Working directory of the server. */
  readonly cwd: string;
  readonly env?: Host["env"];
  /** A part of the log line that reports that the server is ready. */
  readonly ready: string;
}

/**
 * Returns the rows of `--log.level` and `--log.format`.
 * @param logger path for RecordedCalls.at() to a logger of the server
 */
export const logRows = (logger: string): Readonly<Record<string, FlagRow>> => ({
  "log.level": [
    "debug",
    [
      ({ calls, log }) => {
        (calls.at(logger) as Logger).debug("for developers");
        return log().includes("for developers");
      },
      true,
    ],
  ],
  "log.format": ["json", [({ log }) => log().startsWith("{"), true]],
});

/** Fails if a flag has no row, or if the help of a flag without effect does not say so. */
export function expectEveryFlag(table: FlagTable, rows: readonly object[], withoutEffect: readonly string[]): void {
  const named = [...rows.flatMap((group) => Object.keys(group)), ...withoutEffect];
  expect(named.toSorted()).toEqual(Object.keys(table).toSorted());
  const silent = withoutEffect.filter((name) => {
    const { help, notBuilt } = table[name]!;
    return notBuilt === undefined && !help.startsWith("Accepted for compatibility");
  });
  expect(silent).toEqual([]);
}

/**
 * Starts the program with the flags of all rows, and then without them. Fails if a component does not receive a value,
 * or receives the same value without the flag.
 * @param always arguments of both starts. A row's flag replaces the same flag
 */
export async function expectArrivals(
  role: FlagRole,
  always: readonly string[],
  rows: Readonly<Record<string, FlagRow>>,
): Promise<void> {
  const args = Object.entries(rows).map(([flag, [given]]) => `--${flag}=${given}`);
  const outcome = parseFlags(role.table, args);
  if (outcome.kind !== "parsed") throw new Error(`the rows' flags are not accepted: ${JSON.stringify(outcome)}`);
  const values: Readonly<Record<string, unknown>> = outcome.flags.values;
  const checks = Object.entries(rows).flatMap(([flag, [, ...arrivals]]) =>
    arrivals.map((arrival, i) => {
      const [look, sees] = typeof arrival === "string" ? [arrival, values[flag]] : arrival;
      return { name: `--${flag} (${typeof look === "string" ? look : i})`, look, sees };
    }),
  );
  const seen = (words: readonly string[]): Promise<readonly (readonly [string, unknown])[]> =>
    withRole(role, words, async (ready) => {
      const found: (readonly [string, unknown])[] = [];
      for (const { name, look } of checks)
        found.push([name, typeof look === "string" ? role.calls.at(look) : await look(ready)]);
      return found;
    });
  const otherFlags = always.filter((word) => !Object.hasOwn(rows, /^--([^=]*)/.exec(word)![1]!));
  const given = await seen([...otherFlags, ...args]);
  const absent = new Map(await seen(always));
  expect(Object.fromEntries(given)).toEqual(Object.fromEntries(checks.map(({ name, sees }) => [name, sees])));
  for (const [name, value] of given) expect(absent.get(name), `${name} without the flag`).not.toEqual(value);
}

/** Starts the server, calls `use` when it is ready, and stops it. */
async function withRole<T>(
  { main, calls, cwd, env = {}, ready }: FlagRole,
  args: readonly string[],
  use: (role: ReadyRole) => Promise<T>,
): Promise<T> {
  calls.clear();
  const inner = testHost(args, { cwd, env });
  const printed = Promise.withResolvers<void>();
  const host: Host = {
    ...inner,
    stderr(text) {
      inner.stderr(text);
      if (text.includes(ready)) printed.resolve();
    },
  };
  const ended = main(host);
  await Promise.race([
    printed.promise,
    ended.then((status) => {
      throw new Error(`the role ended with status ${status}: ${inner.output.stderr}${inner.output.stdout}`);
    }),
  ]);
  try {
    const log = (): string => inner.output.stderr;
    return await use({
      calls,
      log,
      fetch(path, init) {
        const address = /address"?[=:]"?([^\s",]+)/.exec(log())?.[1];
        return fetch(`http://${address}${path}`, init);
      },
    });
  } finally {
    host.requestStop();
    await ended;
  }
}
