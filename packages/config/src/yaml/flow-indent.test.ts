import { expect, test } from "vitest";
import { indentFlow } from "./flow-indent.ts";
import { parseYaml, type YamlNode } from "./node.ts";

function plain(node: YamlNode | undefined): unknown {
  if (node === undefined) return undefined;
  if (node.kind === "list") return node.items.map(plain);
  if (node.kind === "map") return Object.fromEntries(node.entries.map(({ key, value }) => [key.text, plain(value)]));
  return node.text;
}

const read = (yaml: string): unknown => {
  const { root, problems } = parseYaml(yaml, "f.yml");
  return problems.length > 0 ? problems.map(({ message }) => message) : plain(root);
};

test.each([
  ["a lone carriage return, which ends a line", "a: b\r  c\rd: [e/*\r.json]\n", { a: "b c", d: ["e/* .json"] }],
  ["a closing bracket at the margin", "a:\n  b: [\n    x,\n]\n", { a: { b: ["x"] } }],
  ["entries at the margin", "a: {\nb: c,\nd: [e,\nf]\n}\n", { a: { b: "c", d: ["e", "f"] } }],
  ["a tab within brackets", "a: [b,\n\tc]\n", { a: ["b", "c"] }],
  ["a quoted text that goes on at the margin", 'a:\n- b: "c\nd"\n', { a: [{ b: "c d" }] }],
  ["brackets and quotes inside plain text", "a: b[c\nd: e\"f\ng: it's {\n", { a: "b[c", d: 'e"f', g: "it's {" }],
  [
    "a plain text that goes on with a quote or a bracket",
    "a: b\n  \"c\nd: e\n  'f\ng: h\n  [i\nj: k\n",
    { a: 'b "c', d: "e 'f", g: "h [i", j: "k" },
  ],
  ["brackets inside a block scalar", 'a: |\n  [ {\n  "\nb: c\n', { a: '[ {\n"\n', b: "c" }],
  ["brackets inside a comment", 'a: b # [ { "\nc: d\n', { a: "b", c: "d" }],
  ["a comment right behind a quote", 'a: "b"# c\nd: e\n', { a: "b", d: "e" }],
  ["an anchored list", "a: &x [b,\nc]\nd: *x\n", { a: ["b", "c"], d: ["b", "c"] }],
])("parseYaml() takes %s as Go's parser does", (_, yaml, expected) => {
  expect(read(yaml)).toEqual(expected);
});

test("indentFlow() does not change a text that needs no indentation", () => {
  const text = "a:\n  b: [c,\n      d]\n  e: 'f'\n";
  expect(indentFlow(text).text).toBe(text);
});

test("parseYaml() reports the bracket or quote that is never closed", () => {
  expect(parseYaml("a:\n  b: [c\nd: e\n", "f.yml").problems).toEqual([
    {
      file: "f.yml",
      line: 2,
      column: 6,
      code: "yaml-syntax",
      message: "yaml: line 2: did not find expected ',' or ']'",
      hint: "close the [ that opens here",
    },
  ]);
});

test("parseYaml() reports the quote that is never closed, not the bracket around it", () => {
  const { problems } = parseYaml('a: {b: "c}\nd: [e]\n', "f.yml");
  expect(problems[0]).toMatchObject({ line: 1, column: 8, hint: 'close the " that opens here' });
});

test("parseYaml() reports the columns of the file, not those after indentation", () => {
  const { root } = parseYaml("a: [\nb, c]\n", "f.yml");
  const list = root?.kind === "map" ? root.entries[0]!.value : undefined;
  expect(list?.kind === "list" && list.items.map(({ line, column }) => [line, column])).toEqual([
    [2, 1],
    [2, 4],
  ]);
});

test("a line with many comment signs is read in one pass", () => {
  const line = `${" |#".repeat(700_000)}\u2028`;
  expect(indentFlow(`${line}\n`).text).toBe(`${line}\n`);
});
