import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ManualClock, memoryLogger } from "@narthex/runtime/testing";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ActiveQueryTracker } from "./active-query-tracker.ts";

const SLOTS = 4;
let dir: string;

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "narthex-active-"));
});
afterAll(() => rmSync(dir, { recursive: true }));

const open = (logger = memoryLogger()): ActiveQueryTracker => {
  const log = new ActiveQueryTracker(SLOTS, new ManualClock(1_700_000_000_999), logger);
  log.open(dir);
  return log;
};

const content = (): string => readFileSync(join(dir, "queries.active"), "utf8");

interface Entry {
  readonly query: string;
  readonly timestamp_sec: number;
}

const entries = (): Entry[] => JSON.parse(`${content().replaceAll("\0", "").replace(/,$/, "")}]`) as Entry[];

test("queries are in the file while they run, in slots of 1000 bytes", () => {
  const log = open();
  expect(statSync(join(dir, "queries.active")).size).toBe(1 + SLOTS * 1000);
  const first = log.insert("up");
  const second = log.insert("down");
  expect(content().slice(0, 43)).toBe('[{"query":"up","timestamp_sec":1700000000}\\0'.replace("\\0", "\0"));
  expect(content()[1000]).toBe(",");
  first();
  expect(entries()).toEqual([{ query: "down", timestamp_sec: 1_700_000_000 }]);
  log.insert("again");
  expect(entries().map(({ query }) => query)).toEqual(["again", "down"]);
  second();
  log.close();
});

test("a start tells what ran when the last process died, once", () => {
  const died = open();
  died.insert('sum by (job) (rate(x[5m])) > 3 and "ü"');
  died.insert("second");
  const logger = memoryLogger();
  open(logger).close();
  open(logger).close();
  expect(logger.lines).toHaveLength(1);
  const [line] = logger.lines;
  expect(line!.message).toBe("These queries didn't finish in prometheus' last run:");
  const queries = JSON.parse(line!.fields["queries"] as string) as Entry[];
  expect(queries.map(({ query }) => query)).toEqual(['sum by (job) (rate(x[5m])) > 3 and "ü"', "second"]);
});

test("more queries than slots, and a folder that cannot be written to, stop nobody", () => {
  const log = open();
  const strikes = Array.from({ length: SLOTS + 2 }, (_, i) => log.insert(String(i)));
  expect(entries()).toHaveLength(SLOTS);
  for (const strike of strikes) strike();
  expect(entries()).toEqual([]);
  log.close();
  const logger = memoryLogger();
  const lost = new ActiveQueryTracker(SLOTS, new ManualClock(), logger);
  lost.open(join(dir, "missing"));
  lost.insert("1")();
  expect(logger.lines).toHaveLength(1);
});

test("of any query as much is written down as there is room for", () => {
  const log = open();
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom("a", '"', "<", "ü", "😀", "\n", "\u2028", "\\"), maxLength: 1500 }),
      (text) => {
        const strike = log.insert(text);
        const [entry] = entries();
        strike();
        expect(text.startsWith(entry!.query)).toBe(true);
        expect(entry!.query === text || Buffer.byteLength(JSON.stringify(entry)) > 150).toBe(true);
      },
    ),
  );
  log.close();
});
