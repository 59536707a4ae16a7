import { runToEnd } from "@narthex/runtime";
import { expect, test } from "vitest";
import type { AlertEvent } from "./alert-history.ts";
import { pastFirings } from "./past-firings.ts";

const DAY = 86_400_000;
const NOW = 100 * DAY;

const event = (fingerprint: string, kind: AlertEvent["kind"], daysAgo: number): AlertEvent => ({
  at: NOW - daysAgo * DAY,
  fingerprint,
  kind,
});

test("firings are counted by the day they began, with the median of their durations", () => {
  const events = [
    event("a", "fired", 20),
    event("a", "resolved", 17),
    event("a", "fired", 6),
    event("a", "fired", 5.5),
    event("b", "fired", 5),
    event("a", "silence", 5),
    event("a", "expired", 5),
    event("b", "resolved", 3),
    event("other", "fired", 3),
    event("other", "resolved", 2),
    event("a", "fired", 1),
  ];
  const names = new Map([
    ["a", "A"],
    ["b", "A"],
    ["other", "Other"],
  ]);
  const counted = runToEnd(pastFirings(events, (fingerprint) => names.get(fingerprint), [7, 30], NOW));
  expect(counted.get("A")).toEqual([
    { days: 7, count: 3, medianMs: 2 * DAY },
    { days: 30, count: 4, medianMs: 2 * DAY },
  ]);
  expect(counted.get("Other")).toEqual([
    { days: 7, count: 1, medianMs: DAY },
    { days: 30, count: 1, medianMs: DAY },
  ]);
  expect(counted.size).toBe(2);
});
