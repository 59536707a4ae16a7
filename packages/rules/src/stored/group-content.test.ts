import { parseYaml } from "@narthex/config";
import fc from "fast-check";
import { expect, test } from "vitest";
import { groupContent, groupListParts, groupText, jsonOf, jsonText, keyText } from "./group-content.ts";

const space = fc.constantFrom(
  " ",
  "\n",
  "\t",
  "  ",
  "\n\n",
  "\n  ",
  " \n",
  "\r\n",
  "\u2028",
  "\u0085",
  "\u0001",
  "\u{1f600}",
);
const words = fc.constantFrom(
  "up",
  "a: b",
  "- x",
  "#",
  "'",
  '"',
  "|",
  "%",
  "{",
  "1",
  "0x1f",
  "yes",
  "1:30",
  "~",
  "x".repeat(90),
);
const text = fc
  .array(fc.oneof(space, words, fc.string({ unit: "binary" })), { maxLength: 8 })
  .map((parts) => parts.join("").toWellFormed());
const texts = fc.dictionary(text, text, { maxKeys: 3 });
const rule = fc.record({ alert: text, expr: text, for: text, labels: texts, annotations: texts });
const group = fc.record(
  {
    name: text,
    interval: text,
    limit: fc.nat(),
    labels: texts,
    rules: fc.array(rule, { maxLength: 3 }),
    source_tenants: fc.array(text),
  },
  { requiredKeys: ["name"] },
);

/** Reads a YAML text as the content of a group's node. */
function contentOf(yaml: string): unknown {
  const { root, problems } = parseYaml(yaml, "x");
  expect(problems).toEqual([]);
  return jsonOf(groupContent(root!));
}

test("every group is printed as YAML that has the same content, alone and in a list below a key", () =>
  fc.assert(
    fc.property(group, text, (wanted, namespace) => {
      const content = groupContent(parseYaml(jsonText(wanted), "x").root!);
      expect(jsonOf(content)).toEqual(wanted);
      expect(contentOf(groupText(content))).toEqual(wanted);
      const { root, problems } = parseYaml(
        [...groupListParts(keyText(namespace), [groupText(content), groupText(content)])].join(""),
        "x",
      );
      expect(problems).toEqual([]);
      if (root?.kind !== "map" || root.entries[0]?.value.kind !== "list") throw new Error("a map of a list");
      expect(root.entries[0].key.text).toBe(namespace);
      expect(root.entries[0].value.items.map((item) => jsonOf(groupContent(item)))).toEqual([wanted, wanted]);
    }),
  ));

test("numbers in labels stay as they were written, and merged fields give way to own ones", () => {
  const content = contentOf(
    "name: g\nlimit: 5\nlabels: {a: 007, b: 1e3, c: yes}\nrules: [{<<: {expr: up, for: 1m}, alert: A, expr: x, labels: null}]",
  );
  expect(content).toEqual({
    name: "g",
    limit: 5,
    labels: { a: "007", b: "1e3", c: "yes" },
    rules: [{ alert: "A", expr: "x", for: "1m" }],
  });
});
