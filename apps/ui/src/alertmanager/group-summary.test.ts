import fc from "fast-check";
import { expect, test } from "vitest";
import type { ManagedAlert } from "../api/alertmanager.ts";
import { countStates, groupOrders, severityRank, sortGroups, summarizeGroup } from "./group-summary.ts";

const epochMs = Date.UTC(2025, 0, 2);

interface Made {
  readonly severity: string;
  readonly startMs: number;
  readonly silenced: boolean;
  readonly inhibited: boolean;
  readonly muted: boolean;
}

const alertOf = ({ severity, startMs, silenced, inhibited, muted }: Made, index: number): ManagedAlert => ({
  fingerprint: String(index),
  labels: { alertname: "a", ...(severity === "" ? {} : { severity }) },
  annotations: { summary: `alert ${index}` },
  startsAt: new Date(epochMs + startMs).toISOString(),
  endsAt: "",
  updatedAt: "",
  receivers: [],
  status: {
    state: silenced || inhibited || muted ? "suppressed" : "active",
    silencedBy: silenced ? ["s"] : [],
    inhibitedBy: inhibited ? ["i"] : [],
    mutedBy: muted ? ["m"] : [],
  },
});

const alerts = fc
  .array(
    fc.record({
      severity: fc.constantFrom("critical", "warning", "info", "purple", ""),
      startMs: fc.integer({ min: 0, max: 86_400_000 }),
      silenced: fc.boolean(),
      inhibited: fc.boolean(),
      muted: fc.boolean(),
    }),
    { minLength: 1, maxLength: 12 },
  )
  .map((made) => made.map(alertOf));
const view = fc.record({ active: fc.boolean(), silenced: fc.boolean(), inhibited: fc.boolean(), muted: fc.boolean() });
const everything = { active: true, silenced: true, inhibited: true, muted: true };

const groupOf = (members: ManagedAlert[]) => ({ labels: {}, receiver: null, alerts: members });

test("the shown alerts that a person has acknowledged are counted", () => {
  const states = { severity: "", startMs: 0, silenced: false, inhibited: false, muted: false };
  const acknowledgement = { createdBy: "ann", comment: "", createdAt: "" };
  const [active, silenced] = [states, { ...states, silenced: true }].map((made, i) => ({
    ...alertOf(made, i),
    acknowledgement,
  }));
  const group = groupOf([active!, silenced!, alertOf(states, 2)]);
  expect(summarizeGroup(group, everything).acknowledgedCount).toBe(2);
  expect(summarizeGroup(group, { ...everything, silenced: false }).acknowledgedCount).toBe(1);
});

test("each alert of a group is either shown or counted as hidden", () => {
  fc.assert(
    fc.property(alerts, view, (members, shownStates) => {
      const summary = summarizeGroup(groupOf(members), shownStates);
      expect(summary.shown.length + summary.hiddenCount).toBe(members.length);
      for (const { status } of summary.shown) {
        expect(shownStates.silenced || status.silencedBy.length === 0).toBe(true);
        expect(shownStates.inhibited || status.inhibitedBy.length === 0).toBe(true);
        expect(shownStates.muted || (status.mutedBy ?? []).length === 0).toBe(true);
        expect(shownStates.active || status.silencedBy.length + status.inhibitedBy.length > 0).toBe(true);
      }
      expect(summarizeGroup(groupOf(members), everything).hiddenCount).toBe(0);
    }),
  );
});

test("a group shows the worst severity and the text of its alerts, and the time since the first started", () => {
  fc.assert(
    fc.property(alerts, (members) => {
      const { shown, severities, text, sinceMs } = summarizeGroup(groupOf(members), everything);
      const worst = Math.min(...members.map(({ labels }) => severityRank(labels["severity"] ?? "")));
      expect(severityRank(shown[0]!.labels["severity"] ?? "")).toBe(worst);
      expect(text).toBe(shown[0]!.annotations["summary"]);
      expect(new Date(sinceMs).toISOString()).toBe(members.map(({ startsAt }) => startsAt).sort()[0]);
      const named = members.filter(({ labels }) => labels["severity"] !== undefined);
      expect(severities.reduce((sum, [, count]) => sum + count, 0)).toBe(named.length);
    }),
  );
});

test("every order keeps all groups, and the order by severity puts the worst first and newer before older", () => {
  fc.assert(
    fc.property(fc.array(alerts, { maxLength: 8 }), (groups) => {
      const summaries = groups.map((members) => summarizeGroup(groupOf(members), everything));
      for (const order of groupOrders) {
        expect(new Set(sortGroups(summaries, order))).toEqual(new Set(summaries));
      }
      const sorted = sortGroups(summaries, "severity");
      for (const [index, next] of sorted.slice(1).entries()) {
        const [left, right] = [sorted[index]!, next].map((one) => severityRank(one.severities[0]?.[0] ?? ""));
        expect(left! < right! || (left === right && sorted[index]!.sinceMs >= next.sinceMs)).toBe(true);
      }
    }),
  );
});

test("the counts of alerts by state include all groups", () => {
  const made = { severity: "", startMs: 0, silenced: false, inhibited: false, muted: false };
  const members = [
    made,
    { ...made, silenced: true },
    { ...made, silenced: true, inhibited: true },
    { ...made, muted: true },
  ];
  expect(countStates([groupOf(members.map(alertOf))])).toEqual({ active: 2, silenced: 2, inhibited: 1, muted: 1 });
});
