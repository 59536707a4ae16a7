import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ManualClock, memoryLogger, temporaryFolder } from "@narthex/runtime/testing";
import { beforeEach, expect, test, vi } from "vitest";
import { UsageRecord } from "./usage-record.ts";

const HOUR = 3_600_000;
const START = 1_700_000_000_000;

let folder: string;
let clock: ManualClock;

beforeEach(() => {
  folder = temporaryFolder();
  clock = new ManualClock(START);
});

/**
 * Opens a record of used metrics. A query in these tests is a list of metric names. `parsed` collects the parsed
 * queries.
 */
function opened(at = folder) {
  const parsed: string[] = [];
  const logger = memoryLogger();
  const record = new UsageRecord({
    clock,
    logger,
    parse(text) {
      parsed.push(text);
      return text === "broken"
        ? Promise.reject(new Error("no query"))
        : Promise.resolve(JSON.stringify(text.split(" ")));
    },
  });
  record.open(at);
  return { record, parsed, logger };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("a use has the time of the latest query, and each query text is parsed once", async () => {
  const { record, parsed } = opened();
  record.note("=a =b");
  record.note("=a =b");
  record.note("broken");
  await settled();
  await clock.advance(HOUR);
  record.note("=b ~{x}");
  record.note("=a =b");
  await settled();
  await clock.advance(HOUR);
  record.note("=c");
  await settled();
  expect(parsed).toEqual(["=a =b", "broken", "=b ~{x}", "=c"]);
  expect([...record.usedSince(0)].sort()).toEqual(["=a", "=b", "=c", "~{x}"]);
  expect(record.usedSince(START + 2 * HOUR)).toEqual(["=c"]);
  await record.close();
});

test("uses, and the start of the record, are restored after a restart", async () => {
  const first = opened();
  first.record.note("=a");
  await settled();
  await first.record.close();
  await clock.advance(HOUR);
  const second = opened();
  expect(second.record.since).toBe(START);
  expect(second.record.usedSince(START)).toEqual(["=a"]);
  second.record.note("=b");
  await settled();
  await second.record.close();
  expect(readFileSync(join(folder, "metric-usage.jsonl"), "utf8")).toBe(
    `{"since":${START},"written":${START + HOUR}}\n["=a",${START}]\n["=b",${START + HOUR}]\n`,
  );
});

test("the file is written every five minutes, even without new uses", async () => {
  const { record } = opened();
  const path = join(folder, "metric-usage.jsonl");
  record.note("=a");
  await settled();
  await clock.advance(5 * 60_000);
  await vi.waitUntil(() => {
    try {
      return readFileSync(path, "utf8").includes("=a");
    } catch {
      return false;
    }
  });
  rmSync(path);
  await clock.advance(5 * 60_000);
  await record.close();
  expect(readFileSync(path, "utf8")).toBe(`{"since":${START},"written":${START + 10 * 60_000}}\n["=a",${START}]\n`);
});

test("after a gap in writing, the record starts at the end of the gap and keeps earlier uses", async () => {
  const first = opened();
  first.record.note("=a");
  await settled();
  await first.record.close();
  await clock.advance(HOUR + 1);
  const second = opened();
  expect([second.record.since, second.record.usedSince(0)]).toEqual([START + HOUR + 1, ["=a"]]);
  await second.record.close();
});

test("if the file contains too many references, the most recently used are kept and no more are added", async () => {
  const lines = Array.from({ length: 100_002 }, (_, i) => `["=m${i}",${START}]`);
  writeFileSync(join(folder, "metric-usage.jsonl"), `{"since":${START}}\n${lines.join("\n")}\n`);
  const { record } = opened();
  expect([record.usedSince(0).length, record.usedSince(0)[0]]).toEqual([100_000, "=m2"]);
  record.note("=a");
  await settled();
  expect([record.usedSince(0).length, record.usedSince(0)[0]]).toEqual([100_000, "=m3"]);
  await record.close();
});

test("an unreadable file is reported and replaced; a failed write is reported once and repeated later", async () => {
  writeFileSync(join(folder, "metric-usage.jsonl"), '{"since":5}\n["=a"');
  const { record, logger } = opened();
  expect([record.since, record.usedSince(0)]).toEqual([START, []]);
  expect(logger.lines.map(({ message }) => message)).toEqual([
    "The record of used metrics cannot be read, so a new one is started",
  ]);
  await record.close();
  const lost = opened(join(folder, "missing"));
  lost.record.note("=a");
  await settled();
  await lost.record.close();
  await lost.record.close();
  expect(lost.logger.lines).toHaveLength(1);
  expect(JSON.stringify(lost.logger.lines[0])).toContain("writing the record of used metrics");
});
