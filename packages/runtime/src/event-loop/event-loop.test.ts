import { expect, test } from "vitest";
import { ManualClock, memoryLogger } from "../testing/index.ts";
import { EventLoop } from "./event-loop.ts";

/** A clock whose timers fire late by an amount that the test sets. */
class LateClock extends ManualClock {
  lateMs = 0;

  override monotonic(): number {
    return super.monotonic() + this.lateMs;
  }
}

function watched() {
  const clock = new LateClock();
  const logger = memoryLogger();
  const loop = new EventLoop(clock);
  const watching = loop.watch(logger);
  return { clock, loop, stalls: () => logger.lines.map(({ fields }) => fields), stop: () => watching.stop() };
}

test("a turn over a second is logged with the operation that blocked the loop longest", async () => {
  const { clock, loop, stalls } = watched();
  await clock.advance(100);
  loop.begin("route", "GET /short");
  clock.lateMs += 200;
  loop.begin("target", "http://a:1/metrics");
  clock.lateMs += 1500;
  loop.begin("group", "rules.yml;late");
  await clock.advance(100);
  expect(stalls()).toEqual([
    expect.objectContaining({ seconds: 1.7, kind: "target", operation: "http://a:1/metrics" }),
  ]);
  expect(loop.report).toEqual({ longestTurnSeconds: 1.7, stalls: new Map([["target", 1]]) });
});

test("a stall that began after all operations of the previous turn does not name any of them", async () => {
  const { clock, loop, stalls } = watched();
  loop.begin("route", "GET /innocent");
  await clock.advance(100);
  clock.lateMs += 3000;
  await clock.advance(100);
  expect(stalls()).toEqual([expect.objectContaining({ kind: "unknown", operation: "unknown" })]);
});

test("an operation that continues after a wait is named", async () => {
  const { clock, loop, stalls } = watched();
  const operation = loop.begin("group", "rules.yml;a");
  await clock.advance(500);
  loop.resume(operation);
  clock.lateMs += 1000;
  await clock.advance(100);
  expect(stalls()).toEqual([expect.objectContaining({ operation: "rules.yml;a" })]);
});

test("a shorter turn is reported as the longest for ten minutes, and is not logged", async () => {
  const { clock, loop, stalls, stop } = watched();
  loop.begin("route", "GET /a");
  await clock.advance(100);
  clock.lateMs += 300;
  await clock.advance(100);
  expect(loop.report.longestTurnSeconds).toBe(0.3);
  await clock.advance(8 * 60_000);
  expect(loop.report.longestTurnSeconds).toBe(0.3);
  await clock.advance(2 * 60_000);
  expect(loop.report.longestTurnSeconds).toBe(0);
  expect(stalls()).toEqual([]);
  await stop();
  expect(clock.pending).toBe(0);
});

test("more operations than the limit do not use more memory", async () => {
  const { clock, loop, stalls } = watched();
  await clock.advance(100);
  for (let i = 0; i < 10_000; i++) loop.begin("route", "GET /many");
  loop.begin("route", "GET /last");
  clock.lateMs += 2000;
  await clock.advance(100);
  expect(stalls()).toEqual([expect.objectContaining({ operation: "GET /last" })]);
});

test("an idle loop is checked once a second, and a hundred milliseconds after the next operation begins", async () => {
  const { clock, loop } = watched();
  let checks = 0;
  const after = clock.after.bind(clock);
  clock.after = (ms, run) => {
    checks++;
    return after(ms, run);
  };
  await clock.advance(100);
  checks = 0;
  await clock.advance(10_000);
  expect(checks).toBe(10);
  await clock.advance(500);
  loop.begin("route", "GET /a");
  clock.lateMs += 300;
  await clock.advance(100);
  expect(loop.report.longestTurnSeconds).toBe(0.3);
  checks = 0;
  await clock.advance(1000);
  expect(checks).toBe(1);
});

test("a stall of an idle loop is logged before the operation that follows it", async () => {
  const { clock, loop, stalls, stop } = watched();
  await clock.advance(100);
  clock.lateMs += 2500;
  loop.begin("route", "GET /innocent");
  expect(stalls()).toEqual([expect.objectContaining({ seconds: 1.5, kind: "unknown", operation: "unknown" })]);
  await stop();
  loop.begin("route", "GET /late");
  expect(clock.pending).toBe(0);
});
