import fc from "fast-check";
import { expect, test } from "vitest";
import type { GroupContent } from "../../api/stored-rules.ts";
import { alertLabels, contentOf, draftProblem, emptyDraft, groupDraft, newRule } from "./group-draft.ts";
import { groupLines } from "./group-lines.ts";
import { lineDiff } from "./line-diff.ts";

const content: GroupContent = {
  name: "web",
  interval: "1m",
  query_offset: "30s",
  limit: 5,
  labels: { team: "shop" },
  rules: [
    {
      alert: "Down",
      expr: "up\n  == 0\n",
      for: "5m",
      keep_firing_for: "1m",
      labels: { severity: "page", __proto__x: "y" },
      annotations: { summary: "a\nb" },
    },
    { record: "job:up:sum", expr: "sum by (job) (up)" },
  ],
  source_tenants: ["a"],
};

test("a group that is opened and not changed is saved as it was, with fields that the page does not show", () => {
  expect(contentOf(groupDraft("shop", content))).toEqual(content);
  expect(draftProblem(groupDraft("shop", content))).toBeUndefined();
});

test("empty fields are left out, and a recording rule has no fields of alerts", () => {
  const draft = groupDraft("shop", content);
  const [rule] = draft.rules;
  const changed = { ...draft, interval: " ", limit: "", rules: [{ ...rule!, kind: "record" as const, name: "a:b" }] };
  expect(contentOf(changed)).toEqual({
    name: "web",
    query_offset: "30s",
    labels: { team: "shop" },
    rules: [{ record: "a:b", expr: "up\n  == 0\n", labels: { severity: "page", __proto__x: "y" } }],
    source_tenants: ["a"],
  });
});

test("the first missing or repeated field is reported", () => {
  const draft = emptyDraft("");
  expect(draftProblem(draft)).toBe("Enter a namespace.");
  const named = { ...draft, namespace: "a", name: "g" };
  expect(draftProblem(named)).toBe("Rule 1 needs a name.");
  const rule = { ...newRule(), name: "A", expr: "up" };
  expect(draftProblem({ ...named, limit: "x" })).toBe("The limit must be a number.");
  expect(draftProblem({ ...named, rules: [{ ...rule, expr: " " }] })).toBe("Rule 1 needs an expression.");
  const twice = [
    { name: "a", value: "" },
    { name: "a", value: "" },
  ];
  expect(draftProblem({ ...named, rules: [rule, { ...rule, labels: twice }] })).toBe(
    "Rule 2 has two fields with the name a.",
  );
  expect(draftProblem({ ...named, rules: [rule], labels: twice })).toBe("The group has two labels with the name a.");
});

test("the labels of an alert are those of the group and the rule, and its name", () => {
  const draft = groupDraft("shop", content);
  expect(alertLabels({ ...draft, labels: [{ name: "severity", value: "info" }] }, draft.rules[0]!)).toEqual({
    severity: "page",
    __proto__x: "y",
    alertname: "Down",
  });
});

test("a group is shown in the form of YAML", () => {
  expect(groupLines({ name: "g", rules: [{ alert: "A", expr: "up\n  == 0\n", labels: { a: "b" } }], limit: 5 })).toBe(
    "name: g\nrules:\n  - alert: A\n    expr: |\n      up\n        == 0\n    labels:\n      a: b\nlimit: 5",
  );
});

test("a comparison has the lines of both texts in order, and marks as few lines as possible", () => {
  expect(lineDiff("a\nb\nc", "a\nx\nc").map(({ kind, text }) => `${kind} ${text}`)).toEqual([
    "same a",
    "removed b",
    "added x",
    "same c",
  ]);
  const text = fc.array(fc.constantFrom("a", "b", "c", " ")).map((lines) => lines.join("\n"));
  fc.assert(
    fc.property(text, text, (before, after) => {
      const lines = lineDiff(before, after);
      const without = (kind: string): string =>
        lines
          .filter((line) => line.kind !== kind)
          .map((line) => line.text)
          .join("\n");
      expect(without("added")).toBe(before);
      expect(without("removed")).toBe(after);
      if (before === after) expect(lines.every(({ kind }) => kind === "same")).toBe(true);
    }),
  );
});
