import fc from "fast-check";
import { jsonNode, type JsonValue } from "@narthex/config";
import { groupContent, groupText } from "@narthex/rules";
import { runToEnd } from "@narthex/runtime";
import { expect, test } from "vitest";
import { groupJson, namespacesJson } from "./group-json.ts";
import { namespaceTexts } from "./yaml-parts.ts";

const read = (yaml: string): unknown => {
  const json = runToEnd(namespacesJson(yaml));
  return json.ok ? JSON.parse(json.text) : json.problem;
};

const GROUP = `name: web
interval: 1m
source_tenants: [a, b]
limit: 5
rules:
  - alert: Down
    expr: up == 0
    for: 5m
    labels: {severity: 1}
  - record: job:up
    expr: 1
`;

const WEB = {
  name: "web",
  interval: "1m",
  limit: 5,
  rules: [
    { alert: "Down", expr: "up == 0", for: "5m", labels: { severity: "1" } },
    { record: "job:up", expr: "1" },
  ],
  source_tenants: ["a", "b"],
};

const indented = (text: string, by: string): string => text.trimEnd().replaceAll("\n", `\n${by}`);

test("labels and expressions of rule groups are texts in JSON, and the fields of Mimir are kept", () => {
  const json = runToEnd(groupJson(GROUP));
  expect(json.ok && JSON.parse(json.text)).toEqual(WEB);
  expect(read(`shop:\n- ${indented(GROUP, "  ")}\n`)).toEqual({ shop: [WEB] });
  expect(read(`shop:\n    - ${indented(GROUP, "      ")}\n"a/b: c":\n    - ${indented(GROUP, "      ")}\n`)).toEqual({
    shop: [WEB],
    "a/b: c": [WEB],
  });
});

test.each([
  ["", {}],
  ["{}\n", {}],
  ["null\n", {}],
  ["shop: []\n", { shop: [] }],
  ["shop: [{name: web, rules: []}]\n", { shop: [{ name: "web", rules: [] }] }],
  ["{shop: [{name: web}]}\n", { shop: [{ name: "web" }] }],
  [
    "shop:\n# a comment\n- name: web\n\n- name: 'two\n\n    lines'\n",
    { shop: [{ name: "web" }, { name: "two\nlines" }] },
  ],
  ["a:\n- &g {name: web}\nb:\n- *g\n", { a: [{ name: "web" }], b: [{ name: "web" }] }],
  [
    "shop:\n- name: web\n  rules:\n  - expr: |\n      up\n      - 1\n",
    { shop: [{ name: "web", rules: [{ expr: "up\n- 1\n" }] }] },
  ],
  ["shop:\n- name: 'web\nshop:\n- x'\n", { shop: [{ name: "web shop: - x" }] }],
])("the namespaces %j are read", (yaml, expected) => expect(read(yaml)).toEqual(expected));

test("YAML with a mistake is a problem with its line", () => {
  expect(read("shop:\n- name: web\n  rules: [\n")).toMatch(/^response:\d+:\d+: /);
  expect(read("- name: web\n")).toBe("the response is not a map of namespaces");
  expect(runToEnd(groupJson("[]"))).toEqual({ ok: false, problem: "the response is not a rule group" });
});

test("aliases cannot make the JSON long", () => {
  const long = "x".repeat(1000);
  const item = `{expr: *e}`;
  const yaml = `a:\n- name: &e ${long}\n  rules: [${Array.from({ length: 3000 }, () => item).join()}]\n`;
  expect(read(yaml)).toMatch(/characters; split it$/);
});

test("any groups are the same group by group as with one parse, in the form of Mimir and of Narthex", () => {
  const text = fc.oneof(
    fc.constantFrom("a: b", "- x", "#", "", "shop:", "1", "true", "two\nlines\n", "- a\n- b", "'", '"'),
    fc.string({ unit: fc.constantFrom("a", " ", ":", "-", "#", "\n", "'", '"', "{", "é") }),
  );
  const rule = fc.record({ alert: text, expr: text, labels: fc.dictionary(fc.constantFrom("a", "b"), text) });
  const group = fc.record({
    name: text,
    interval: fc.constantFrom("1m", "5m"),
    rules: fc.array(rule, { maxLength: 3 }),
  });
  const name = text.filter((one) => one !== "" && !one.includes("\n"));
  const all = fc.dictionary(name, fc.array(group, { minLength: 1, maxLength: 3 }), {
    minKeys: 1,
    noNullPrototype: true,
  });
  fc.assert(
    fc.property(all, fc.constantFrom("", "    "), (groups, indent) => {
      const yaml = Object.entries(groups).map(([key, list]) => {
        const items = list.map((one) => `${indent}- ${groupYaml(one).replaceAll(/\n(?!\n)/g, `\n${indent}  `)}\n`);
        return `${JSON.stringify(key)}:\n${items.join("")}`;
      });
      expect(read(yaml.join(""))).toEqual(groups);
      expect(namespaceTexts(yaml.join(""))).toHaveLength(yaml.length);
    }),
  );
});

const groupYaml = (group: JsonValue): string => groupText(groupContent(jsonNode(group)));
