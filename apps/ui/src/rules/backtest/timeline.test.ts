import fc from "fast-check";
import { expect, test } from "vitest";
import type { AlertOccurrence, BacktestReport } from "../../api/backtest.ts";
import { percentAt, timelineOf } from "./timeline.ts";
import { reasonText } from "./unnotified-reason.ts";

const START = Date.parse("2026-01-01T00:00:00Z");
const at = (second: number): string => new Date(START + second * 1000).toISOString();

function occurrence(instance: string, pending: number, firing?: number, ended?: number): AlertOccurrence {
  return {
    labels: { alertname: "High", instance },
    value: "1",
    pendingAt: at(pending),
    ...(firing !== undefined && { firingAt: at(firing), firingSeconds: (ended ?? 1000) - firing }),
    ...(ended !== undefined && { endedAt: at(ended) }),
  };
}

/** Returns a report about 1000 seconds. */
const reportOf = (occurrences: readonly AlertOccurrence[], more: Partial<BacktestReport> = {}): BacktestReport => ({
  from: at(0),
  to: at(1000),
  rules: [
    { group: "g", kind: "recording", name: "a:b", evaluations: 1 },
    { group: "g", kind: "alerting", name: "High", evaluations: 1, occurrences },
  ],
  ...more,
});

const spansIn = (report: BacktestReport) =>
  timelineOf(report).alerts.map(({ labels, spans }) => [
    labels["instance"],
    ...spans.map(({ kind, fromMs, toMs }) => `${kind} ${(fromMs - START) / 1000}-${(toMs - START) / 1000}`),
  ]);

test("occurrences of a label set share a lane, and end at the end of the range", () => {
  const report = reportOf([
    occurrence("a", -50, 100, 200),
    occurrence("b", 150, undefined, 180),
    occurrence("a", 600, 600),
  ]);
  expect(spansIn(report)).toEqual([
    ["a", "pending 0-100", "firing 100-200", "firing 600-1000"],
    ["b", "pending 150-180"],
  ]);
  const [first, second] = timelineOf(report).alerts;
  expect([first!.fired, first!.firingMs, second!.fired]).toEqual([2, 500_000, 0]);
});

test("occurrences that are nearer than two pixels are drawn as one", () => {
  expect(
    spansIn(reportOf([occurrence("a", 100, 101, 102), occurrence("a", 103, 103, 104), occurrence("a", 110, 110, 111)])),
  ).toEqual([["a", "pending 100-101", "firing 101-104", "firing 110-111"]]);
});

test("a long report draws the label sets that fired longest, and counts the others", () => {
  const many = Array.from({ length: 250 }, (_, index) => occurrence(`i${index}`, 0, 0, 1 + index));
  const { alerts, hiddenAlerts } = timelineOf(reportOf(many));
  expect([alerts.length, hiddenAlerts]).toEqual([100, 150]);
  expect(alerts[0]!.labels["instance"]).toBe("i150");
  const flapping = Array.from({ length: 100 * 160 }, (_, index) =>
    occurrence(
      `i${index % 100}`,
      6 * Math.floor(index / 100),
      6 * Math.floor(index / 100),
      6 * Math.floor(index / 100) + 3,
    ),
  );
  // Each of the lanes has 160 spans, so that 18 lanes have at most 3000 spans.
  const drawn = timelineOf(reportOf(flapping));
  expect([drawn.alerts.length, drawn.hiddenAlerts, drawn.alerts[0]!.spans.length]).toEqual([18, 82, 160]);
});

test("notifications of a receiver at nearly the same time are one mark", () => {
  const notification = (second: number, receiver: string, firing: number) => ({
    at: at(second),
    receiver,
    integration: "slack[0]",
    groupLabels: {},
    reason: "",
    firing: Array.from({ length: firing }, () => ({})),
    resolved: [{}],
  });
  const notifications = [
    notification(10, "chat", 1),
    notification(11, "mail", 0),
    notification(12, "chat", 2),
    notification(60, "chat", 0),
  ];
  const { receivers, hiddenReceivers } = timelineOf(reportOf([], { notifications }));
  expect(
    receivers.map(({ receiver, marks }) => [
      receiver,
      ...marks.map((mark) => [mark.notifications, mark.firing, mark.resolved]),
    ]),
  ).toEqual([
    ["chat", [2, 3, 2], [1, 0, 1]],
    ["mail", [1, 0, 1]],
  ]);
  expect(hiddenReceivers).toBe(0);
  const many = Array.from({ length: 25 }, (_, index) => notification(index, `r${index}`, 1));
  expect(timelineOf(reportOf([], { notifications: many })).hiddenReceivers).toBe(5);
});

test("spans lie in the range, in order, and cover what fired", () => {
  const second = fc.integer({ min: -100, max: 1000 });
  const list = fc.array(fc.tuple(second, fc.nat(300), fc.nat(300)), { maxLength: 60 }).map((parts) => {
    let next = -100;
    return parts
      .map(([gap, wait, length]) => {
        const begin = next + Math.abs(gap % 50);
        next = begin + wait + length;
        return occurrence("a", begin, begin + wait, next);
      })
      .filter(({ endedAt, firingAt }) => Date.parse(endedAt!) <= START + 1_000_000 && Date.parse(firingAt!) >= START);
  });
  fc.assert(
    fc.property(list, (occurrences) => {
      const timeline = timelineOf(reportOf(occurrences));
      const spans = timeline.alerts[0]?.spans ?? [];
      for (const { fromMs, toMs } of spans) {
        expect(percentAt(timeline, fromMs)).toBeGreaterThanOrEqual(0);
        expect(percentAt(timeline, toMs)).toBeLessThanOrEqual(100);
        expect(toMs).toBeGreaterThanOrEqual(fromMs);
      }
      const firing = spans.filter(({ kind }) => kind === "firing");
      for (const [index, span] of firing.entries())
        expect(span.fromMs).toBeGreaterThan(firing[index - 1]?.toMs ?? -Infinity);
      for (const { firingAt, endedAt } of occurrences)
        expect(firing.some(({ fromMs, toMs }) => fromMs <= Date.parse(firingAt!) && toMs >= Date.parse(endedAt!))).toBe(
          true,
        );
    }),
  );
});

test("a reason names what caused it, and an unknown cause is shown as it is", () => {
  expect(reasonText({ cause: "silence", by: ["a", "b"] }, {})).toBe("silenced by a, b");
  expect(reasonText({ cause: "waiting", by: [] }, {})).toBe("the group was not due yet");
  expect(reasonText({ cause: "waiting", by: [] }, { endedAt: at(1) })).toBe("ended before the group was due");
  expect(reasonText({ cause: "new_cause", by: [] }, {})).toBe("new_cause");
});
