import { expect, test } from "vitest";
import { variableCompletions } from "./variable-completions.ts";
import { storedQueryText, variableQueryParts, variableQueryText } from "./variable-query.ts";

test.each([
  ["label_values(instance)", { kind: "label values", label: "instance", inside: "" }],
  ['label_values(up{job=~"a,b"}, instance)', { kind: "label values", label: "instance", inside: 'up{job=~"a,b"}' }],
  ["label_names()", { kind: "label names", label: "", inside: "" }],
  ["metrics(node_.*)", { kind: "metrics", label: "", inside: "node_.*" }],
  ["query_result(topk(3, up))", { kind: "query result", label: "", inside: "topk(3, up)" }],
  ["up{job='a'}", { kind: "text", label: "", inside: "up{job='a'}" }],
])("the query %s has parts, and is written from them unchanged", (text, parts) => {
  expect(variableQueryParts(text)).toEqual(parts);
  expect(variableQueryText(variableQueryParts(text))).toBe(text);
});

test("a query of a new variable asks for the values of a label", () => {
  expect(variableQueryParts(" ").kind).toBe("label values");
  const withoutLabel = { kind: "label values", label: "", inside: "up" } as const;
  expect(variableQueryText(withoutLabel)).toBe("label_values(up, )");
  expect(variableQueryParts("label_values(up, )")).toEqual(withoutLabel);
});

test("storedQueryText() reads texts, and the objects of Grafana's form", () => {
  expect(storedQueryText("label_values(job)")).toBe("label_values(job)");
  expect(storedQueryText({ query: "label_values(job)", qryType: 4 })).toBe("label_values(job)");
  const labelFilters = [{ label: "job", op: "=~", value: 'a"' }, { label: 7 }];
  expect(storedQueryText({ qryType: 1, label: "instance", metric: "up", labelFilters })).toBe(
    String.raw`label_values(up{job=~"a\""}, instance)`,
  );
  expect(storedQueryText({ qryType: 0, match: "x" })).toBe("label_names(x)");
  expect(storedQueryText({ qryType: 2, metric: "x" })).toBe("metrics(x)");
  expect(storedQueryText({ qryType: 3, varQuery: "up" })).toBe("query_result(up)");
  expect(storedQueryText({ qryType: 4, seriesQuery: "up" })).toBe("up");
  for (const other of [undefined, null, [], 7, { qryType: "1" }]) expect(storedQueryText(other)).toBe("");
});

const names = { metrics: ["node_load1", "up", "cpu_up"], labels: ["instance", "job", "up_to"] };

test.each([
  ["", ["label_values(", "label_names()", "metrics(", "query_result("]],
  ["label", ["label_values(", "label_names()"]],
  ["label_values(up", ["label_values(up_to)", "label_values(up, ", "label_values(cpu_up, "]],
  ["label_values(up, in", ["label_values(up, instance)"]],
  ['label_values(up{job="a",', []],
  ['label_values(up{job="a"}, j', ['label_values(up{job="a"}, job)']],
  ["label_values(up, instance)", []],
  ["metrics(node", ["metrics(node_load1)"]],
  ["query_result(sum(rate(no", ["query_result(sum(rate(node_load1"]],
  ["query_result(", []],
  ["unknown(up", []],
])("the text %j is completed to %j", (text, expected) => expect(variableCompletions(text, names)).toEqual(expected));

test("a text has at most 50 completions", () => {
  const many = Array.from({ length: 500 }, (_, i) => `m${i}`);
  expect(variableCompletions("label_values(m", { metrics: many, labels: many })).toHaveLength(50);
  expect(variableCompletions("metrics(m", { metrics: many, labels: [] })).toHaveLength(50);
});
