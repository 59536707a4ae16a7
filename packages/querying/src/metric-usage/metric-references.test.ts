import { parseExpression } from "@narthex/promql";
import { expect, test } from "vitest";
import { referencesOf, UsedMetrics } from "./metric-references.ts";

const OPTIONS = { experimentalFunctions: true };

function readBy(text: string): readonly string[] {
  const parsed = parseExpression(text, OPTIONS);
  if (!parsed.ok) throw new Error(`${text}: ${String(parsed.errors[0])}`);
  return [...referencesOf(parsed.expr)].sort();
}

test.each([
  ["up", ["=up"]],
  ["sum(rate(a_total[5m])) / on(job) group_left() b offset 5m", ["=a_total", "=b"]],
  ["max_over_time((a > b)[1h:5m])", ["=a", "=b"]],
  ['{__name__="a b", job="x"}', ["=a b"]],
  ['{__name__=~"a|b", __name__!="c"}', ['~{__name__=~"a|b",__name__!="c"}']],
  ['count({job="x"}) + a', ["*", "=a"]],
  ['{__name__=~".+"}', ["*"]],
  ['{__name__=~"(.*)", job="x"}', ["*"]],
  ['{__name__!="", job="x"}', ["*"]],
  ['{__name__=~"[a-zA-Z_:][a-zA-Z0-9_:]*"}', ["*"]],
  ['{__name__!~"node_.*", job="x"}', ["*"]],
  ['{__name__=~".+", __name__!~"node_.*"}', ["*"]],
  ['{__name__=~".+", __name__=~"node_.*"}', ['~{__name__=~".+",__name__=~"node_.*"}']],
  ['{__name__=~".+_total"}', ['~{__name__=~".+_total"}']],
  ['{__name__=~"[a-z].*"}', ['~{__name__=~"[a-z].*"}']],
  ["info(a)", ["=a", "=target_info"]],
  ['info(a, {env="prod"})', ["=a", "=target_info"]],
  ['info(a, {__name__="build_info"})', ["=a", '~{__name__="build_info"}']],
  ["1 + time()", []],
])("%s reads %j", (text, references) => {
  expect(readBy(text)).toEqual(references);
});

test("a metric is used if its name is referenced, or if it matches all matchers of one selector", () => {
  const used = new UsedMetrics();
  for (const reference of ["=up", '~{__name__=~"node_.*",__name__!="node_load1"}', "*", "~{broken"])
    used.add(reference);
  expect(["up", "node_load5", "node_load1", "upp", "x", ""].map((name) => used.has(name))).toEqual([
    true,
    true,
    false,
    false,
    false,
    false,
  ]);
  expect(used.readsUnnamed).toBe(true);
});

test("recorded selectors of an earlier version that match every name do not mark metrics as used", () => {
  const used = new UsedMetrics();
  used.add("=up");
  expect(used.readsUnnamed).toBe(false);
  used.add('~{__name__=~".+"}');
  expect([used.readsUnnamed, used.has("up"), used.has("other")]).toEqual([true, true, false]);
});
