import { mkdirSync, realpathSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { dashboardReferences, noteReferences } from "./dashboard-references.ts";
import { UsedMetrics } from "./metric-references.ts";

/** Returns the metric names that a text of a dashboard uses. */
function usedBy(text: string, names: readonly string[]): readonly string[] {
  const references = new Set<string>();
  noteReferences(text, references);
  const used = new UsedMetrics();
  for (const reference of references) used.add(reference);
  return names.filter((name) => used.has(name));
}

const NAMES = [
  "up",
  "node_cpu_total",
  "node_cpu",
  "node_load1",
  "job:rate:5m",
  "http.requests",
  "wörter",
  "a",
  "b_total",
];

test.each([
  ['sum by ($by) (rate(node_cpu_total{job=~"$job", a!=""}[$__rate_interval]))', ["node_cpu_total", "a"]],
  ["label_values(up, instance)", ["up"]],
  ['query_result(topk(5, {"http.requests"}[$range]))', ["http.requests"]],
  ["node_${kind}_total", ["node_cpu_total"]],
  ["node_${kind:raw}", ["node_cpu_total", "node_cpu", "node_load1"]],
  ["node_$kind", ["node_cpu_total", "node_cpu", "node_load1"]],
  ["node_[[kind]]_total / up", ["up", "node_cpu_total"]],
  ['{__name__=~"node_(cpu|load1)"}', ["node_cpu", "node_load1"]],
  ["{__name__=~'$prefix.*_total'}", ["node_cpu_total", "b_total"]],
  ["{__name__=~`job:.*`} + job:rate:5m", ["job:rate:5m"]],
  ["wörter > 1", ["wörter"]],
  ['{__name__=~"("}', []],
  ["$metric", []],
  ["", []],
])("%s uses %j", (text, used) => {
  expect(usedBy(text, NAMES)).toEqual(used);
});

test("dashboards are read from folders and their subfolders, and problems are reported", async () => {
  const folder = realpathSync(temporaryFolder());
  mkdirSync(join(folder, "team"));
  const panel = (expr: string): object => ({ targets: [{ expr, legendFormat: "legend" }] });
  const dashboard = {
    title: "node_load1",
    panels: [panel("rate(node_cpu_total[5m])"), { type: "row", panels: [panel("$metric{a='b'}")] }],
    templating: { list: [{ query: { query: "label_values(up, job)" }, definition: "label_values(b_total, x)" }] },
  };
  writeFileSync(join(folder, "a.json"), JSON.stringify(dashboard));
  writeFileSync(join(folder, "team", "b.json"), JSON.stringify({ panels: [panel("job:rate:5m")] }));
  writeFileSync(join(folder, "team", "c.json"), "{");
  writeFileSync(join(folder, "notes.txt"), "node_load1");
  symlinkSync(join(folder, "team", "b.json"), join(folder, "link.json"));
  symlinkSync(join(folder, "nowhere"), join(folder, "dangling.json"));
  let looks = 0;
  const found = await dashboardReferences([folder, join(folder, "missing")], () => {
    looks++;
    return undefined;
  });
  const used = new UsedMetrics();
  for (const reference of found.references) used.add(reference);
  expect(NAMES.filter((name) => used.has(name))).toEqual(["up", "node_cpu_total", "job:rate:5m", "a", "b_total"]);
  expect(found.files).toBe(3);
  expect(found.complete).toBe(false);
  expect(looks).toBe(3);
  expect(found.problems).toEqual([
    `${join(folder, "a.json")}: a variable stands for a metric's name in $metric{a='b'}`,
    expect.stringMatching(/dangling\.json: ENOENT/),
    expect.stringMatching(/c\.json: .*JSON/),
    expect.stringMatching(/missing: ENOENT/),
  ]);
});

test("only the first of many problems are reported, with the number of the others", async () => {
  const folder = temporaryFolder();
  const expr = `$metric{a="${"b".repeat(300)}"}`;
  writeFileSync(join(folder, "a.json"), JSON.stringify(Array.from({ length: 25 }, () => ({ expr }))));
  const { problems, complete } = await dashboardReferences([folder], () => undefined);
  expect(complete).toBe(true);
  expect(problems).toHaveLength(21);
  expect(problems[0]?.endsWith(` in ${expr.slice(0, 200)}…`)).toBe(true);
  expect(problems[20]).toBe("5 more problems of dashboards");
});

test.each([
  `"${'\\"'.repeat(200_000)}`,
  `__name__=~"${'\\"__name__=~'.repeat(50_000)}`,
  `don't ${"`'".repeat(200_000)}`,
])("unclosed strings are read in linear time: %#", (text) => {
  expect(usedBy(`"first" ${text}`, ["first", "second"])).toEqual(["first"]);
});
