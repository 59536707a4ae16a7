import fc from "fast-check";
import { expect, test } from "vitest";
import { printGroups } from "./generated-rule.ts";
import { levelsOf, loadTexts } from "./testing/slo-text.ts";

const SLOTH = `version: prometheus/v1
service: shop
slos:
  - name: answers
    objective: 99
    sli: { events: { error_query: "sum(rate(bad[{{.window}}]))", total_query: "sum(rate(all[{{.window}}]))" } }
    alerting: { name: Burns }
`;

test("files may refer to objects of other files, and a pattern without files is a warning", async () => {
  const slo = `apiVersion: openslo/v1
kind: SLO
metadata: { name: answers }
spec: { service: shop, indicatorRef: hits, objectives: [{ target: 0.9 }] }
`;
  const sli = `apiVersion: openslo/v1
kind: SLI
metadata: { name: hits }
spec: { ratioMetric: { rawType: failure, raw: { metricSource: { type: Prometheus, spec: { query: bad } } } } }
`;
  const loaded = await loadTexts({ "a.yml": slo, "b.yml": sli });
  expect(loaded.ok && loaded.levels.map(({ id, file }) => [id, file])).toEqual([["shop-answers", "a.yml"]]);
  const { loadSloFiles } = await import("./load-slo-files.ts");
  expect(await loadSloFiles(["/nowhere/*.yml"], { version: "test" })).toEqual({
    ok: true,
    levels: [],
    warnings: ['SLO files: "/nowhere/*.yml" matches no file'],
  });
});

test("the problems of all files are reported together, by file and line", async () => {
  const loaded = await loadTexts({
    "b.yml": SLOTH.replace("99", "0"),
    "a.yml": SLOTH.replace("Burns", "''"),
    "c.yml": "{",
  });
  expect(!loaded.ok && loaded.problems.map(({ file, line }) => [file, line])).toEqual([["c.yml", 1]]);
  const rest = await loadTexts({ "b.yml": SLOTH.replace("99", "0"), "a.yml": SLOTH.replace("Burns", "''") });
  expect(!rest.ok && rest.problems.map(({ file, line }) => [file, line])).toEqual([
    ["a.yml", 7],
    ["b.yml", 5],
  ]);
});

test("a file that is too long, and more objectives than the limit are refused", async () => {
  const long = await loadTexts({ "a.yml": `${SLOTH}#${"x".repeat(5 << 20)}` });
  expect(!long.ok && long.problems[0]!.message).toMatch(/^the file is longer than \d+ characters$/);
  const many = Array.from({ length: 5001 }, (_, at) =>
    SLOTH.slice(SLOTH.indexOf("  - name")).replace("answers", `answers${at}`),
  );
  const loaded = await loadTexts({ "a.yml": SLOTH.slice(0, SLOTH.indexOf("  - name")) + many.join("") });
  expect(!loaded.ok && loaded.problems.map(({ message }) => message)).toEqual(["there are more than 5000 objectives"]);
});

test("any change of a text gives rules or problems with a place, and never an exception", async () => {
  const words = [
    "{",
    "}",
    "[",
    "- ",
    "\n",
    ": ",
    '"',
    "{{.window}}",
    "99",
    "null",
    "&a ",
    "*a",
    "service",
    "sli",
    "é",
    "\u0000",
  ];
  const change = fc.record({ at: fc.nat(SLOTH.length), cut: fc.nat(30), put: fc.constantFrom(...words) });
  const property = fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
    let text = SLOTH;
    for (const { at, cut, put } of changes) text = text.slice(0, at) + put + text.slice(at + cut);
    const loaded = await loadTexts({ "slo.yml": text });
    if (!loaded.ok)
      for (const { line, message } of loaded.problems) expect([line > 0, message !== ""]).toEqual([true, true]);
  });
  await fc.assert(property, { numRuns: 300 });
});

test("rules are printed as a rule file", async () => {
  const [level] = await levelsOf(SLOTH);
  const text = printGroups(level!.groups);
  expect(text.slice(0, text.indexOf("  - record: slo:sli_error:ratio_rate30m"))).toBe(`groups:
- name: sloth-slo-sli-recordings-shop-answers
  rules:
  - record: slo:sli_error:ratio_rate5m
    expr: |
      (sum(rate(bad[5m])))
      /
      (sum(rate(all[5m])))
    labels:
      sloth_id: shop-answers
      sloth_service: shop
      sloth_slo: answers
      sloth_window: 5m
`);
});
