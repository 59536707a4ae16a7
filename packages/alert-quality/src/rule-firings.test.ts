import fc from "fast-check";
import { Labels } from "@narthex/model";
import { expect, test } from "vitest";
import { FiringRecorder } from "./firing.ts";
import { type ExaminedRule, type FiringSamples, reportQuality } from "./index.ts";

const MINUTE = 60_000;
const rule = (name: string, labels: Record<string, string> = {}): ExaminedRule => ({
  file: "f",
  group: "g",
  name,
  labels: new Map(Object.entries(labels)),
  intervalMs: MINUTE,
});

/** Does not yield. */
const atOnce = { yieldToEventLoop: () => undefined };

/** The minutes at which an alert fires: index i is the time i minutes. */
type Minutes = readonly boolean[];

/** Returns a reader of samples. A sample at the start of a window does not belong to it. */
const readerOf = (alerts: ReadonlyMap<Labels, Minutes>) => (endMs: number, lengthMs: number) =>
  Promise.resolve(
    [...alerts].map(([labels, minutes]): FiringSamples => ({
      labels,
      times: minutes.flatMap((isFiring, i) =>
        isFiring && i * MINUTE > endMs - lengthMs && i * MINUTE <= endMs ? [i * MINUTE] : [],
      ),
    })),
  );

const alertOf = (name: string, more: Record<string, string> = {}): Labels =>
  Labels.of({ __name__: "ALERTS", alertname: name, alertstate: "firing", ...more });

/** Computes the same figures minute by minute. */
function bruteForce(alerts: readonly Minutes[], length: number) {
  const spans: { start: number; end: number; isOpen: boolean }[] = [];
  let flaps = 0;
  for (const minutes of alerts) {
    let start: number | undefined;
    let previousEnd: number | undefined;
    for (let i = 1; i <= length; i++) {
      if (minutes[i] === true) {
        if (start === undefined) {
          start = i;
          if (previousEnd !== undefined && i - previousEnd <= 10) flaps++;
        }
      } else if (start !== undefined && minutes[i] !== true && minutes[i + 1] !== true && i < length) {
        spans.push({ start, end: i, isOpen: false });
        previousEnd = i;
        start = undefined;
      }
    }
    if (start !== undefined) spans.push({ start, end: length, isOpen: true });
  }
  let covered = 0;
  for (let i = 0; i < length; i++) if (spans.some(({ start, end }) => start <= i && i < end)) covered++;
  const short = spans.filter(({ start, end, isOpen }) => !isOpen && end - start < 5).length;
  return { firings: spans.length, flaps, covered, short };
}

test("firings, flaps, short firings and covered time equal a count minute by minute", () => {
  const minutes = fc.array(fc.boolean(), { minLength: 902, maxLength: 902 });
  const runs = fc
    .array(fc.tuple(fc.boolean(), fc.integer({ min: 1, max: 40 })), { minLength: 1, maxLength: 60 })
    .map((parts) => parts.flatMap(([isFiring, count]) => Array<boolean>(count).fill(isFiring)));
  return fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof(minutes, runs), { maxLength: 4 }),
      fc.integer({ min: 1, max: 900 }),
      async (alerts, length) => {
        const labelled = new Map(alerts.map((one, i) => [alertOf("A", { instance: String(i) }), one] as const));
        const range = { startMs: 0, endMs: length * MINUTE };
        const { rules, unknownFirings } = await reportQuality([rule("A")], range, readerOf(labelled), atOnce);
        const expected = bruteForce(
          alerts.map((one) => one.slice(0, length + 1)),
          length,
        );
        expect(unknownFirings).toBe(0);
        expect(rules[0]!.firings).toBe(expected.firings);
        expect(rules[0]!.flaps).toBe(expected.flaps);
        expect(Math.round(rules[0]!.firingShare * length)).toBe(expected.covered);
        expect(Math.round(rules[0]!.shortShare * expected.firings)).toBe(expected.short);
      },
    ),
  );
});

test("an alert belongs to the rule with its name and its labels; templates match any value", async () => {
  const rules = [
    rule("A"),
    rule("A", { severity: "page" }),
    rule("A", { severity: "page", v: "{{ $value }}" }),
    rule("B"),
  ];
  const alerts = new Map([
    [alertOf("A", { severity: "page", v: "3" }), [false, true]],
    [alertOf("A", { severity: "info" }), [false, true]],
    [alertOf("C"), [false, true]],
  ]);
  const report = await reportQuality(rules, { startMs: 0, endMs: 10 * MINUTE }, readerOf(alerts), atOnce);
  expect(report.rules.map(({ firings }) => firings)).toEqual([1, 0, 1, 0]);
  expect(report.unknownFirings).toBe(1);
  expect(report.rules[3]!.verdicts).toEqual(["never fired"]);
});

test("verdicts name rules that always fire, flap, or mostly fire for a short time", async () => {
  const week = 7 * 24 * 60;
  const of = async (minutes: Minutes, length = week) => {
    const report = await reportQuality(
      [rule("A")],
      { startMs: 0, endMs: length * MINUTE },
      readerOf(new Map([[alertOf("A"), minutes]])),
      atOnce,
    );
    return report.rules[0]!.verdicts;
  };
  expect(await of(Array<boolean>(week + 1).fill(true))).toEqual(["always firing"]);
  expect(await of(Array.from({ length: 100 }, (_, i) => i % 20 < 2))).toEqual(["mostly short"]);
  expect(await of(Array.from({ length: 100 }, (_, i) => i % 16 < 8))).toEqual(["flaps"]);
  expect(await of(Array.from({ length: week }, (_, i) => i % 120 < 30))).toEqual(["frequent"]);
  expect(await of([false, true, true, true, true, true, true])).toEqual([]);
});

test("a report yields between two alerts, firings and rules", async () => {
  let yields = 0;
  const yieldToEventLoop = (): undefined => {
    yields++;
  };
  const alerts = new Map(Array.from({ length: 50 }, (_, i) => [alertOf("A", { instance: String(i) }), [false, true]]));
  const range = { startMs: 0, endMs: 10 * MINUTE };
  await reportQuality([rule("A"), rule("B")], range, readerOf(alerts), { yieldToEventLoop });
  expect(yields).toBe(102);
});

test("alerts beyond the limit are not followed, and their firings are counted as omitted", () => {
  const recorder = new FiringRecorder(() => MINUTE, 2);
  for (const instance of ["a", "b", "c", "a"]) recorder.add(alertOf("A", { instance }), [MINUTE]);
  expect(recorder.finish(10 * MINUTE).map(({ labels }) => labels.get("instance"))).toEqual(["a", "b"]);
  expect(recorder.omitted).toBe(1);
});
