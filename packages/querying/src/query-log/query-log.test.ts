import { existsSync, mkdirSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { queuedQueryStats } from "@narthex/promql";
import { ManualClock, memoryLogger, temporaryFolder } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import type { QueryRequest } from "../scheduler/query-lane.ts";
import { QueryLog } from "./query-log.ts";

const NOW = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
const dir = temporaryFolder();

const stats = queuedQueryStats(2);
const request: QueryRequest = {
  text: "a < \u2028b",
  time: 1500,
  origin: { httpRequest: { clientIP: "10.0.0.1", method: "GET", path: "/api/v1/query" } },
};
const made = (logger = memoryLogger()): QueryLog => new QueryLog(new ManualClock(NOW), logger);
const lines = (name: string): Record<string, unknown>[] =>
  readFileSync(join(dir, name), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);

test("an instant query is logged as a line with its time, stats and request", () => {
  const log = made();
  void log.prepare(join(dir, "instant")).apply();
  log.write({ request, stats, error: undefined });
  const text = readFileSync(join(dir, "instant"), "utf8");
  expect(text).toContain('"query":"a < \\u2028b"');
  expect(text.endsWith("}\n")).toBe(true);
  expect(lines("instant")).toEqual([
    {
      time: "2026-01-02T03:04:05.678Z",
      level: "INFO",
      source: "query-log.ts",
      msg: "promql query logged",
      params: { end: "1970-01-01T00:00:01.500Z", query: request.text, start: "1970-01-01T00:00:01.500Z", step: 0 },
      stats,
      spanID: "0000000000000000",
      traceID: "00000000000000000000000000000000",
      ...request.origin,
    },
  ]);
  log.close();
});

test("a range query is logged with its ends and step in whole seconds, a rule with its group, and a failure with its error", () => {
  const log = made();
  void log.prepare(join(dir, "range")).apply();
  const origin = { ruleGroup: { file: "r.yml", name: "g" } };
  log.write({ request: { text: "up", start: 0, end: 5000, step: 2500, origin }, stats, error: "out of luck" });
  log.write({ request: { text: "up", grid: { start: 1000, step: 1000, count: 3 } }, stats, error: undefined });
  expect(lines("range")).toMatchObject([
    {
      params: { start: "1970-01-01T00:00:00.000Z", end: "1970-01-01T00:00:05.000Z", step: 2 },
      error: "out of luck",
      ...origin,
    },
    { params: { start: "1970-01-01T00:00:01.000Z", end: "1970-01-01T00:00:03.000Z", step: 1 } },
  ]);
  log.close();
});

test("times beyond the calendar are limited to its ends", () => {
  const log = made();
  void log.prepare(join(dir, "far")).apply();
  log.write({ request: { text: "up", time: 1e300 }, stats, error: undefined });
  expect(lines("far")).toMatchObject([{ params: { start: "+275760-09-13T00:00:00.000Z" } }]);
  log.close();
});

test("a renamed file is still written to until it is opened again; without a path nothing is written", () => {
  const log = made();
  const path = join(dir, "rotated");
  log.write({ request, stats, error: undefined });
  void log.prepare(path).apply();
  renameSync(path, `${path}.1`);
  log.write({ request, stats, error: undefined });
  expect(lines("rotated.1")).toHaveLength(1);
  expect(existsSync(path)).toBe(false);
  void log.prepare(path).apply();
  log.write({ request, stats, error: undefined });
  void log.prepare(path).apply();
  log.write({ request, stats, error: undefined });
  expect(lines("rotated")).toHaveLength(2);
  void log.prepare("").apply();
  expect(log.enabled).toBe(false);
  log.write({ request, stats, error: undefined });
  expect([lines("rotated").length, log.failures]).toEqual([2, 0]);
});

test("if a file cannot be opened, an error is thrown and the old file stays open", () => {
  const log = made();
  void log.prepare(join(dir, "kept")).apply();
  mkdirSync(join(dir, "folder"));
  expect(() => log.prepare(join(dir, "folder"))).toThrow(/^can't create json log file: .*directory/);
  expect(() => log.prepare(join(dir, "no", "folder"))).toThrow("no such file or directory");
  log.write({ request, stats, error: undefined });
  expect(lines("kept")).toHaveLength(1);
  log.close();
});

test.skipIf(!existsSync("/dev/full"))("if the disk is full, lines are lost, which is counted and logged once", () => {
  const logger = memoryLogger();
  const log = made(logger);
  void log.prepare("/dev/full").apply();
  for (let i = 0; i < 3; i++) log.write({ request, stats, error: undefined });
  expect(log.failures).toBe(3);
  expect(logger.lines.map(({ message }) => message)).toEqual(["writing the query log failed"]);
  log.close();
});
