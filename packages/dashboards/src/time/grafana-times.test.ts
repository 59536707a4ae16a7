import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parseDateMath } from "./date-math.ts";
import { formatTime } from "./format-time.ts";
import { roundInterval } from "./interval.ts";
import { describeRange } from "./quick-ranges.ts";
import { resolveTimeRange } from "./time-range.ts";

// Expected results of dateMath, rangeUtil and moment of @grafana/data 13.2.3 for random times near clock changes.
// checks/golden.ts recomputes the results of dateMath and rangeUtil.
const golden = JSON.parse(readFileSync(new URL("golden/times.json", import.meta.url), "utf8")) as {
  readonly math: readonly (readonly [string, number, string, 0 | 1, number, number | null])[];
  readonly format: readonly (readonly [string, number, string, string])[];
  readonly interval: readonly (readonly [number, number])[];
  readonly describe: readonly (readonly [string, string, string])[];
  readonly dates: readonly (readonly [string, string, number | null])[];
};

test("parseDateMath() adds and rounds as Grafana does, also across clock changes", () => {
  for (const [zone, now, text, up, fiscalYearStartMonth, expected] of golden.math) {
    const time = parseDateMath(text, { now, zone, weekStart: 0, fiscalYearStartMonth }, up === 1);
    expect([zone, now, text, up, time ?? null]).toEqual([zone, now, text, up, expected]);
  }
});

test("formatTime() gives the same text as moment", () => {
  for (const [zone, ms, format, expected] of golden.format)
    expect([zone, ms, format, formatTime(ms, zone, format)]).toEqual([zone, ms, format, expected]);
});

test("roundInterval() rounds to the same steps as Grafana", () => {
  for (const [raw, expected] of golden.interval) expect([raw, roundInterval(raw)]).toEqual([raw, expected]);
});

/** Time ranges for which Grafana's description covers only the first step and is therefore wrong. */
const FIRST_STEP_ONLY: ReadonlySet<string> = new Set(["now-3h/h", "now-1d/d", "now-1w/w", "now+1d", "now-10m-5s"]);

test("describeRange() gives Grafana's description, and none if Grafana repeats both ends", () => {
  for (const [from, to, expected] of golden.describe) {
    if (to === "now" && FIRST_STEP_ONLY.has(from)) continue;
    const repeated = expected === `${from} to ${to}` ? undefined : expected;
    expect([from, to, describeRange({ from, to })]).toEqual([from, to, repeated]);
  }
});

/**
 * A day that the calendar of a time zone skipped. For this time, we return the next day and Grafana the previous day.
 */
const LEFT_OUT = "Pacific/Apia 2011-12-30 12:00:00";

test("resolveTimeRange() reads dates in the zone", () => {
  for (const [zone, text, expected] of golden.dates) {
    if (`${zone} ${text}` === LEFT_OUT) continue;
    const range = resolveTimeRange({ from: text, to: text }, { now: 0, zone });
    expect([zone, text, range?.from ?? null]).toEqual([zone, text, expected]);
  }
});
