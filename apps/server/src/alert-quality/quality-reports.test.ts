import { Labels } from "@narthex/model";
import type { QueryResult } from "@narthex/promql";
import type { RuleGroup } from "@narthex/rules";
import { systemClock } from "@narthex/runtime";
import { expect, test } from "vitest";
import { AlertQuality } from "./quality-reports.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const NOW = 100 * DAY;
const requester = {
  origin: { httpRequest: { clientIP: "127.0.0.1", method: "GET", path: "/api/v1/narthex/alert-quality" } },
  principal: undefined,
};
const group = {
  file: "f.yml",
  intervalMs: 60_000,
  spec: {
    name: "g",
    rules: [
      { kind: "alerting", name: "A", labels: new Map() },
      { kind: "recording", name: "r", labels: new Map() },
    ],
  },
} as unknown as RuleGroup;

/** An alert that fires for 3 minutes from each of these times. */
function qualityOf(
  starts: readonly number[],
  oldestMs: number,
  readAlertmanager: () => Promise<string> = () => Promise.reject(new Error("the server has no Alertmanager")),
) {
  let monotonic = 0;
  const asked: string[] = [];
  const labels = Labels.of({ __name__: "ALERTS", alertname: "A", alertstate: "firing" });
  const quality = new AlertQuality({
    clock: { ...systemClock, now: () => NOW, monotonic: () => monotonic },
    groups: () => [group],
    oldestMs: () => oldestMs,
    readAlertmanager,
    lane: {
      evaluate: async (request) => {
        const { text, time } = request as { text: string; time: number };
        asked.push(text);
        const length = Number(/\[(\d+)ms\]/.exec(text)![1]);
        const times = starts
          .flatMap((start) => [start, start + 60_000, start + 120_000])
          .filter((at) => at > time - length && at <= time);
        const column = {
          present: new Uint8Array(times.length).fill(1),
          values: new Float64Array(times.length).fill(1),
        };
        return { series: [{ labels, times: Float64Array.from(times), column }] } as unknown as QueryResult;
      },
    },
  });
  return { quality, asked, pass: (ms: number) => (monotonic += ms) };
}

test("firings are read in windows over the whole range, and kept for five minutes", async () => {
  const { quality, asked, pass } = qualityOf([NOW - 6 * DAY, NOW - 2 * DAY, NOW - 2 * DAY + 5 * 60_000], 0);
  const report = await quality.report(7, requester);
  expect(report.rules).toMatchObject([{ file: "f.yml", group: "g", name: "A", firings: 3, flaps: 1, shortShare: 1 }]);
  expect(report).toMatchObject({ unknownFirings: 0, from: new Date(NOW - 7 * DAY).toISOString() });
  expect(asked).toHaveLength(28);
  expect(await quality.report(7, requester)).toBe(report);
  pass(5 * 60_000);
  expect(await quality.report(7, requester)).not.toBe(report);
});

test("the range begins with the oldest sample, so that a rate per week is not too low", async () => {
  const { quality } = qualityOf([NOW - 2 * HOUR], NOW - DAY);
  expect(await quality.report(30, requester)).toMatchObject({
    from: new Date(NOW - DAY).toISOString(),
    rules: [{ firings: 1, firingsPerWeek: 7 }],
  });
  const empty = qualityOf([], Infinity);
  expect(await empty.quality.report(30, requester)).toMatchObject({ rules: [{ verdicts: ["never fired"] }] });
});

test("a rule has what happened to its firings, if an Alertmanager knows it", async () => {
  const handling = { alertname: "A", firings: 4, silenced: 1, inhibited: 0, acknowledged: 2 };
  const known = qualityOf([NOW - HOUR], 0, async () => JSON.stringify([handling]));
  const { rules } = await known.quality.report(7, requester);
  expect(rules).toMatchObject([{ name: "A", handling: { firings: 4, silenced: 1, acknowledged: 2 } }]);
  const broken = qualityOf([NOW - HOUR], 0, async () => "<html>");
  const [rule] = (await broken.quality.report(7, requester)).rules;
  expect(rule).not.toHaveProperty("handling");
});

test("only some reports are made at the same time, and only some are kept", async () => {
  const { quality, asked } = qualityOf([], NOW - HOUR);
  const running = [quality.report(1, requester), quality.report(2, requester)];
  await expect(quality.report(3, requester)).rejects.toThrow("2 reports are already being made");
  expect(await quality.report(2, requester)).toBe(await running[1]);
  await Promise.all(running);
  for (let days = 3; days <= 9; days++) await quality.report(days, requester);
  expect(asked).toHaveLength(9);
  await quality.report(9, requester);
  expect(asked).toHaveLength(9);
  await quality.report(1, requester);
  expect(asked).toHaveLength(10);
});
