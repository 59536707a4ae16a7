import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { ManualClock, memoryLogger, temporaryFolder } from "@narthex/runtime/testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import { ActiveQueryTracker } from "./active-query-tracker.ts";

const SLOTS = 4;
const dir = temporaryFolder();

const open = (logger = memoryLogger()): { readonly log: ActiveQueryTracker; readonly clock: ManualClock } => {
  const clock = new ManualClock(1_700_000_000_999);
  const log = new ActiveQueryTracker(SLOTS, clock, logger);
  log.open(dir);
  return { log, clock };
};

const content = (): string => readFileSync(join(dir, "queries.active"), "utf8");

interface Entry {
  readonly query: string;
  readonly timestamp_sec: number;
}

const entries = (): Entry[] => JSON.parse(`${content().replaceAll("\0", "").replace(/,$/, "")}]`) as Entry[];

test("queries that run longer than a few milliseconds are in the file while they run, in slots of 1000 bytes", async () => {
  const { log, clock } = open();
  expect(statSync(join(dir, "queries.active")).size).toBe(1 + SLOTS * 1000);
  const first = log.insert("up");
  await clock.advance(3);
  const second = log.insert("down");
  expect(entries()).toEqual([]);
  await clock.advance(2);
  expect(entries().map(({ query }) => query)).toEqual(["up"]);
  await clock.advance(3);
  expect(content().slice(0, 43)).toBe('[{"query":"up","timestamp_sec":1700000000}\\0'.replace("\\0", "\0"));
  expect(content()[1000]).toBe(",");
  first();
  expect(entries()).toEqual([{ query: "down", timestamp_sec: 1_700_000_001 }]);
  log.insert("short")();
  log.insert("again");
  await clock.advance(5);
  expect(entries().map(({ query }) => query)).toEqual(["again", "down"]);
  second();
  log.close();
});

test("the next start logs, once, the queries that were running when the last process died", async () => {
  const { log: died, clock } = open();
  died.insert('sum by (job) (rate(x[5m])) > 3 and "ü"');
  died.insert("second");
  await clock.advance(5);
  const logger = memoryLogger();
  open(logger).log.close();
  open(logger).log.close();
  expect(logger.lines).toHaveLength(1);
  const [line] = logger.lines;
  expect(line!.message).toBe("These queries didn't finish in prometheus' last run:");
  const queries = JSON.parse(line!.fields["queries"] as string) as Entry[];
  expect(queries.map(({ query }) => query)).toEqual(['sum by (job) (rate(x[5m])) > 3 and "ü"', "second"]);
});

test("queries run even if there are more of them than slots, or the folder is not writable", async () => {
  const { log, clock } = open();
  const strikes = Array.from({ length: SLOTS + 2 }, (_, i) => log.insert(String(i)));
  await clock.advance(5);
  expect(entries()).toHaveLength(SLOTS);
  for (const strike of strikes) strike();
  expect(entries()).toEqual([]);
  log.close();
  const logger = memoryLogger();
  const lost = new ActiveQueryTracker(SLOTS, clock, logger);
  lost.open(join(dir, "missing"));
  lost.insert("1")();
  expect(logger.lines).toHaveLength(1);
});

test("a long query is truncated to the size of a slot", async () => {
  const { log, clock } = open();
  await fc.assert(
    fc.asyncProperty(
      fc.string({ unit: fc.constantFrom("a", '"', "<", "ü", "😀", "\n", "\u2028", "\\"), maxLength: 1500 }),
      async (text) => {
        const strike = log.insert(text);
        await clock.advance(5);
        const [entry] = entries();
        strike();
        expect(text.startsWith(entry!.query)).toBe(true);
        expect(entry!.query === text || Buffer.byteLength(JSON.stringify(entry)) > 150).toBe(true);
      },
    ),
  );
  log.close();
});
