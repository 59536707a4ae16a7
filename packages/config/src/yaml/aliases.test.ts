import { expect, test } from "vitest";
import { parseYaml, type YamlNode } from "./node.ts";

function texts(node: YamlNode | undefined): unknown {
  if (node === undefined) return undefined;
  if (node.kind === "scalar") return node.text;
  if (node.kind === "list") return node.items.map(texts);
  return node.entries.map(({ key, value }) => [key.text, texts(value)]);
}

test.each([
  ["[&a x, *a, &a y, *a]", ["x", "x", "y", "y"]],
  ["[&a [&b x, *b], *b, *a]", [["x", "x"], "x", ["x", "x"]]],
  [
    "{? &a k : *a, l: &a [v], m: *a}",
    [
      ["k", "k"],
      ["l", ["v"]],
      ["m", ["v"]],
    ],
  ],
  ["[&a , *a]", ["", ""]],
])("an alias in %s is the last node before it that has the anchor", (yaml, expected) =>
  expect(texts(parseYaml(yaml, "x").root)).toEqual(expected),
);

test("an alias before its anchor, and an alias within its own node, are problems", () => {
  expect(parseYaml("[*a, &a x]", "x").problems[0]?.message).toMatch(/unknown anchor/);
  expect(parseYaml("&a [*a]", "x").problems[0]?.message).toMatch(/contains itself/);
});

// With one visit of the document for each alias, this test would take minutes.
test("a text with 50,000 aliases is read", () => {
  const { root, problems } = parseYaml(`[&a x${",*a".repeat(50_000)}]`, "x");
  expect(problems).toEqual([]);
  expect(root?.kind === "list" && root.items.length).toBe(50_001);
});
