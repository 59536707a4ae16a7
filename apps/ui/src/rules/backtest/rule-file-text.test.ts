import fc from "fast-check";
import { expect, test } from "vitest";
import { parse } from "yaml";
import type { RuleGroup } from "../../api/rule-data.ts";
import { groupWithOneAlert, loadedContent, ruleFileText } from "./rule-file-text.ts";

const loaded: RuleGroup = {
  name: "web",
  file: "/rules/web.yml",
  interval: 15,
  limit: 0,
  evaluationTime: 0,
  lastEvaluation: "",
  rules: [
    {
      type: "recording",
      name: "job:up:sum",
      query: "sum by (job) (up)",
      health: "ok",
      evaluationTime: 0,
      lastEvaluation: "",
    },
    {
      type: "alerting",
      name: "Down",
      query: 'up\n  == 0 # it\'s "down"',
      duration: 300,
      keepFiringFor: 0,
      labels: { severity: "page" },
      annotations: { summary: "{{ $labels.job }}: down\n", on: "no" },
      alerts: [],
      state: "inactive",
      health: "ok",
      evaluationTime: 0,
      lastEvaluation: "",
    },
    {
      type: "alerting",
      name: "Always",
      query: "vector(1)",
      duration: 0,
      keepFiringFor: 60,
      alerts: null,
      state: "firing",
      health: "ok",
      evaluationTime: 0,
      lastEvaluation: "",
    },
  ],
};

test("a loaded group becomes the text of a rule file, with expressions of several lines as blocks", () => {
  expect(ruleFileText(loadedContent(loaded))).toBe(`groups:
  - name: web
    interval: 15s
    rules:
      - record: 'job:up:sum'
        expr: 'sum by (job) (up)'
      - alert: Down
        expr: |-
          up
            == 0 # it's "down"
        for: 5m
        labels:
          severity: page
        annotations:
          summary: |
            {{ $labels.job }}: down
          'on': 'no'
      - alert: Always
        expr: 'vector(1)'
        keep_firing_for: 1m
`);
});

test("a rule is tested with the recording rules of its group, and without other alerts", () => {
  const { rules } = groupWithOneAlert(loadedContent(loaded), 2);
  expect(rules?.map(({ alert, record }) => alert ?? record)).toEqual(["job:up:sum", "Always"]);
});

test("any group is read again as it was", () => {
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.string({ unit: fc.constantFrom("a", " ", "\n", "'", '"', "#", ":", "-", "|", "\t", "\r", "0", "é", "\\", "{") }),
    fc.constantFrom("null", "Yes", "5m", "0", "0x1f", "1e3", "1:30", "~", "", "a: b", "- a", "\u2028", "\u0085x\n"),
  );
  const texts = fc.dictionary(text, text).map((all) => Object.fromEntries(Object.entries(all)));
  const filled = texts.filter((all) => Object.keys(all).length > 0);
  const rule = fc.record(
    { alert: text, expr: text, for: text, keep_firing_for: text, labels: filled, annotations: filled },
    { requiredKeys: ["alert", "expr"] },
  );
  const group = fc.record(
    { name: text, interval: text, query_offset: text, limit: fc.nat(), labels: filled, rules: fc.array(rule) },
    { requiredKeys: ["name", "rules"] },
  );
  fc.assert(
    fc.property(group, (one) => {
      expect(parse(ruleFileText(one), { merge: false })).toEqual({ groups: [one] });
    }),
  );
});
