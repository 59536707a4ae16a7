import { Labels, matchesAll } from "@narthex/model";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Alert } from "../alerts/alert.ts";
import { AlertStore } from "../alerts/alert-store.ts";
import { alertOf, equal, rig, START, notificationLines } from "../testing/rig.ts";
import { Inhibitor, type InhibitRule } from "./inhibition.ts";

const rule: InhibitRule = {
  name: "",
  source: [equal("side", "both")],
  target: [equal("alertname", "T")],
  equal: ["job"],
};
const bySeverity: InhibitRule = {
  name: "",
  source: [equal("severity", "critical")],
  target: [equal("severity", "warning")],
  equal: ["job"],
};

test("if one of two sources ends, targets are notified only after the other source has ended", async () => {
  const one = await rig({ inhibitRules: [bySeverity] });
  const sources = ["1", "2"].map((i) => alertOf(one, { alertname: "S", severity: "critical", job: "j", i }));
  for (const source of sources) one.alerts.put(source);
  one.alerts.put(alertOf(one, { alertname: "T", severity: "warning", job: "j", i: "t" }));
  const targets = (): string[] => notificationLines(one).filter((line) => line.includes('"T"'));
  for (const source of sources.toReversed()) {
    await one.clock.advance(65_000);
    expect(targets()).toEqual([]);
    one.alerts.put({ ...source, updatedAt: one.clock.now(), endsAt: one.clock.now() });
  }
  await one.clock.advance(65_000);
  expect(targets()).toEqual(['190s {}:{alertname="T"} first notification: t']);
});

/**
 * Reference implementation of inhibition as Alertmanager's documentation describes it. An alert is inhibited if a
 * source alert with equal labels fires, and if at most one of the two alerts matches both sides of the rule.
 */
function isInhibited(alerts: Iterable<Alert>, labels: Labels, now: number): boolean {
  if (!matchesAll(rule.target, labels)) return false;
  return [...alerts].some(
    (source) =>
      matchesAll(rule.source, source.labels) &&
      source.endsAt > now &&
      source.labels.get("job") === labels.get("job") &&
      !(matchesAll(rule.source, labels) && matchesAll(rule.target, source.labels)),
  );
}

const labels = fc.record({
  alertname: fc.constantFrom("S", "T"),
  side: fc.constantFrom("", "both"),
  job: fc.constantFrom("a", "b"),
  i: fc.constantFrom("1", "2", "3"),
});

test("inhibitedBy() considers all sources, for any order of reports, ends and collections", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(labels, fc.oneof(fc.nat(6), fc.constant(2_000_000)), fc.constantFrom(0, 1, 1_200_000))),
      (reports) => {
        const store = new AlertStore();
        const inhibitor = new Inhibitor([rule]);
        inhibitor.start(store);
        let now = START;
        for (const [record, lasts, pause] of reports) {
          now += pause;
          const alert = alertOf({ clock: { now: () => now } as never }, record, now + lasts);
          store.put({ ...alert, startsAt: now - 1 });
          for (const each of store.all()) {
            const by = inhibitor.inhibitedBy(each.labels, now);
            expect(by.length > 0, `${each.labels.key} at ${now - START}`).toBe(
              isInhibited(store.all(), each.labels, now),
            );
            for (const fingerprint of by) expect(store.get(fingerprint)!.endsAt).toBeGreaterThan(now);
          }
        }
      },
    ),
  );
});

test("every quarter of an hour ended sources are removed, and firing ones stay", () => {
  const store = new AlertStore();
  const inhibitor = new Inhibitor([bySeverity]);
  inhibitor.start(store);
  const source = (i: string, endsAt: number): void =>
    store.put({ ...alertOf({ clock: { now: () => START } as never }, { severity: "critical", job: "j", i }, endsAt) });
  source("1", START + 3_600_001);
  source("2", START + 3_600_000);
  source("1", START);
  const target = Labels.of({ severity: "warning", job: "j" });
  for (const now of [START, START + 1_000_000, START + 3_599_999])
    expect(inhibitor.inhibitedBy(target, now)).toHaveLength(1);
  expect(inhibitor.inhibitedBy(target, START + 3_600_000)).toEqual([]);
  expect(inhibitor.inhibitedBy(Labels.of({ severity: "warning", job: "k" }), START)).toEqual([]);
  inhibitor.stop();
  source("3", START + 9_000_000);
  expect(inhibitor.inhibitedBy(target, START + 4_000_000)).toEqual([]);
});
