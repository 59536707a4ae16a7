import fc from "fast-check";
import { expect, test } from "vitest";
import { Labels } from "@narthex/model";
import { createSeriesColumn, FLOAT, type VectorOperator } from "../operators/operator.ts";
import { bareEvaluation } from "../testing/kernel-run.ts";
import { CALENDAR_FUNCTIONS } from "./calendar.ts";
import type { FunctionCall } from "./function-call.ts";

const one = (value: number): VectorOperator => ({
  prepare: () => Promise.resolve([{ labels: Labels.EMPTY, dropName: false }]),
  next(out) {
    out.values[0] = value;
    out.present[0] = FLOAT;
    return true;
  },
  close() {},
});

async function apply(name: string, value: number): Promise<number> {
  const evaluation = bareEvaluation(1);
  const position = { start: 0, end: 0 };
  const args = [{ kind: "number", value: 0, duration: false, position } as const];
  const call = {
    expr: { kind: "call", func: name, args, position },
    grid: evaluation.grid,
    evaluation,
    vector: () => one(value),
  } as unknown as FunctionCall;
  const operator = CALENDAR_FUNCTIONS[name]!(call);
  await operator.prepare(new AbortController().signal);
  const out = createSeriesColumn(1);
  operator.next(out);
  return out.values[0]!;
}

const DAY = 86_400_000;
const yearStart = (date: Date): number => Date.UTC(date.getUTCFullYear(), 0, 1);

test.each<[string, (date: Date) => number]>([
  ["minute", (date) => date.getUTCMinutes()],
  ["hour", (date) => date.getUTCHours()],
  ["day_of_week", (date) => date.getUTCDay()],
  ["day_of_month", (date) => date.getUTCDate()],
  ["day_of_year", (date) => Math.floor((date.getTime() - yearStart(date)) / DAY) + 1],
  ["days_in_month", (date) => new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate()],
  ["month", (date) => date.getUTCMonth() + 1],
  ["year", (date) => date.getUTCFullYear()],
])("%s() agrees with JavaScript's Date for the times that Date can represent", async (name, part) => {
  // Years before 101 are excluded, because Date.UTC treats the years 0 to 99 as 1900 to 1999.
  const seconds = fc.integer({ min: Date.UTC(101, 0) / 1000, max: Date.UTC(9999, 0) / 1000 });
  await fc.assert(
    fc.asyncProperty(seconds, async (at) => {
      expect(await apply(name, at)).toBe(part(new Date(at * 1000)));
    }),
  );
});

// Expected results measured with Prometheus 3.5.
test.each([
  ["year", 1e18, 31_688_740_476],
  ["day_of_week", 1e18, 5],
  ["year", -5e18, -158_443_690_565],
  ["day_of_year", -5e18, 345],
  ["month", Infinity, 12],
  ["hour", NaN, 15],
])("%s(%d) is what Go makes of it", async (name, value, expected) => {
  expect(await apply(name, value)).toBe(expected);
});
