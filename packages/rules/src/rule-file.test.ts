import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { formatProblem } from "@narthex/config";
import { parseRuleFile } from "./rule-file.ts";

interface Verdict {
  readonly yaml: string;
  /** Errors of promtool 3.5.3 for the rule file, without positions. The list is empty if the file is valid. */
  readonly peer: readonly string[];
}

const verdicts = JSON.parse(
  readFileSync(new URL("../fixtures/rule-verdicts.json", import.meta.url), "utf8"),
) as readonly Verdict[];

const problemsIn = (yaml: string): string[] => {
  const loaded = parseRuleFile(yaml, "r.yml");
  return loaded.ok ? [] : loaded.problems.map(formatProblem);
};

/** Matches errors whose texts differ between Go's yaml.v3 and this parser. The positions of such errors are equal. */
const WORDED_APART = [/^yaml: line/, /^mapping key/, /^template|label "d"|annotation "f"/];

describe("parseRuleFile() accepts and rejects the same files as promtool", () => {
  test.each(verdicts)("$yaml", ({ yaml, peer }) => {
    const ours = problemsIn(yaml);
    expect(ours.length === 0).toBe(peer.length === 0);
    for (const line of peer) {
      if (!WORDED_APART.some((pattern) => pattern.test(line))) expect(ours.join("\n")).toContain(line);
    }
  });
});

test("parseRuleFile() reports the positions of all problems at once", () => {
  const yaml = `groups:
- name: g
  rules:
  - alert: Down
    expr: up{
    labels:
      a-b: x
      c: '{{ nope }}'
  - record: r
    for: 5m
    expr: up
`;
  expect(problemsIn(yaml)).toEqual([
    'r.yml:5:11: group "g", rule 1, "Down": could not parse expression: 1:4: parse error: unexpected end of input inside braces',
    'r.yml:8:7: group "g", rule 1, "Down": label "c": template: __alert_Down:1: function "nope" not defined',
    `r.yml:10:10: group "g", rule 2, "r": invalid field 'for' in recording rule; remove it`,
  ]);
});

test("parseRuleFile() adds the group's labels to a rule, whose own labels take precedence, and keeps empty labels", () => {
  const yaml = "groups: [{name: g, labels: {a: '1', b: '2'}, rules: [{record: r, expr: up, labels: {b: '', c: '3'}}]}]";
  const loaded = parseRuleFile(yaml, "r.yml");
  expect(loaded.ok && [...loaded.value[0]!.rules[0]!.labels]).toEqual([
    ["a", "1"],
    ["b", ""],
    ["c", "3"],
  ]);
});

test("parseRuleFile() reads only the first document and warns about others", () => {
  const loaded = parseRuleFile("groups: []\n---\nfoo: bar\n", "r.yml");
  expect(loaded).toMatchObject({ ok: true, value: [], warnings: [expect.stringContaining("only the first document")] });
});

test("parseRuleFile() accepts experimental expressions if they are enabled", () => {
  const yaml = "groups: [{name: g, rules: [{record: r, expr: 'limitk(1, up) + fill(0) up'}]}]";
  expect(problemsIn(yaml).join()).toContain("limitk() is experimental and must be enabled");
  const parser = { experimentalFunctions: true, binopFillModifiers: true };
  expect(parseRuleFile(yaml, "r.yml", { parser })).toMatchObject({ ok: true });
});
