import { describe, expect, test } from "vitest";
import { parseYaml, type YamlNode } from "./node.ts";
import { formatProblem } from "./problem.ts";

function plain(node: YamlNode | undefined): unknown {
  if (node === undefined) return undefined;
  if (node.kind === "list") return node.items.map(plain);
  if (node.kind === "map") return Object.fromEntries(node.entries.map(({ key, value }) => [key.text, plain(value)]));
  return node.text;
}

const read = (yaml: string): unknown => {
  const { root, problems } = parseYaml(yaml, "f.yml");
  return problems.length > 0 ? problems.map(formatProblem) : plain(root);
};

test.each([
  ["a closing bracket at the margin", "a:\n  b: [\n    x,\n]\n", { a: { b: ["x"] } }],
  ["entries at the margin", "a: {\nb: c,\nd: [e,\nf]\n}\n", { a: { b: "c", d: ["e", "f"] } }],
  ["a tab within brackets", "a: [b,\n\tc]\n", { a: ["b", "c"] }],
  ["a quoted text that goes on at the margin", 'a:\n- b: "c\nd"\n', { a: [{ b: "c d" }] }],
  ["brackets and quotes inside plain text", "a: b[c\nd: e\"f\ng: it's {\n", { a: "b[c", d: 'e"f', g: "it's {" }],
  ["brackets inside a block scalar", 'a: |\n  [ {\n  "\nb: c\n', { a: '[ {\n"\n', b: "c" }],
  ["brackets inside a comment", 'a: b # [ { "\nc: d\n', { a: "b", c: "d" }],
  ["a comment right behind a quote", 'a: "b"# c\nd: e\n', { a: "b", d: "e" }],
  ["an anchored list", "a: &x [b,\nc]\nd: *x\n", { a: ["b", "c"], d: ["b", "c"] }],
  ["a list at its key's column", "a:\n- b\n-\n- - c\nd: e\n", { a: ["b", "", ["c"]], d: "e" }],
  ["a folded text", "a: >-\n  b\n  c\n\n  d\n   e\n  f\n", { a: "b c\nd\n e\nf" }],
  ["a literal text that keeps its end", "a: |+\n b\n\n\nc: d\n", { a: "b\n\n\n", c: "d" }],
  ["an indentation that is said", "a: |2\n    b\n   c\n", { a: "  b\n c\n" }],
  ["a plain text over several lines", "a: b\n  c\n\n  d\n", { a: "b c\nd" }],
  [
    "escapes",
    '"\\u00e9\\x41\\U0001F600": "a\\\n   b\\tc\\/"',
    ["f.yml:2:8: yaml: line 2: found unknown escape character; write \\\\/ for a backslash, or use single quotes"],
  ],
  ["an escaped line end", 'a: "b\\\n   c\\t\\"d"', { a: 'bc\t"d' }],
  ["a question mark's key", "? a\n: b\n? c\n", { a: "b", c: "" }],
  ["a pair among a list's entries", "a: [b: c, d]", { a: [{ b: "c" }, "d"] }],
  ["a key without value in braces", "{a, b: c, d: }", { a: "", b: "c", d: "" }],
  ["directives and an end", "%YAML 1.1\n%TAG !x! tag:x,\n--- # one\na: !x!y b\n...\n@@@\n", { a: "b" }],
  ["a byte order mark and DOS line ends", "\ufeffa: b\r\nc:\r\n- d\r\n", { a: "b", c: ["d"] }],
  ["tags of YAML's own", "a: !!str 1\nb: !!float 2\nc: !!binary aGk=\nd: ! 3\n", { a: "1", b: "2", c: "hi", d: "3" }],
  ["nothing", "# only a comment\n", undefined],
])("parseYaml() takes %s as Go's parser does", (_, yaml, expected) => {
  expect(read(yaml)).toEqual(expected);
});

describe("parseYaml() says where a text is no YAML, and how to mend it", () => {
  test.each([
    [
      "a:\n  b: [c\nd: e\n",
      "3:2: yaml: line 3: did not find expected ',' or ']'; put a comma here, or close the [ that opens at line 2, column 6",
    ],
    ["a: 'b\nc: d\n", "1:4: yaml: line 1: found unexpected end of stream; close the ' that opens here"],
    [
      "a:\n\t- b\n",
      "2:1: yaml: line 2: found character that cannot start any token; indent with spaces: a tab stands here",
    ],
    [
      "a:\n  b: c\n\td: e\n",
      "3:1: yaml: line 3: found a tab character that violates indentation; indent with spaces: a tab stands here",
    ],
    [
      "a: @b\n",
      "1:4: yaml: line 1: found character that cannot start any token; put quotes around the value: plain text cannot begin with @",
    ],
    [
      "a:\n  b: c\n d: e\n",
      "3:2: yaml: line 3: did not find expected key; the mapping that begins at line 1 stands at column 1: write its next `key: value` there, or indent this line further",
    ],
    [
      "a: 'b' c\n",
      "1:8: yaml: line 1: did not find expected key; the value before this place is over: put quotes around all of it, or begin a new line",
    ],
    [
      "a:\n- b\nc\n",
      "3:1: yaml: line 3: could not find expected ':'; write `key: value` on this line, with a space behind the colon",
    ],
    [
      "a: b: c\n",
      "1:5: yaml: line 1: mapping values are not allowed in this context; quote the text if the colon belongs to it, or put the key on a line of its own",
    ],
    ["a: *b\n", "1:4: yaml: line 1: unknown anchor 'b' referenced; define it before this line: &b"],
    ["a: &b [*b]\n", "1:8: yaml: line 1: anchor 'b' value contains itself; break the circle of aliases"],
    [
      "<<: 3\n",
      "1:5: yaml: line 1: map merge requires map or sequence of maps as the value; merge an anchored mapping: <<: *name",
    ],
    ["a: !!int b\n", "1:4: yaml: line 1: cannot decode !!str `b` as a !!int; remove !!int"],
    ["a: b\u0001\n", "1:5: yaml: line 1: control characters are not allowed; remove the character U+0001 here"],
    ["[a]: b\n", "1:1: yaml: line 1: invalid map key; use plain text as the key"],
  ])("%j", (yaml, expected) => {
    expect(read(yaml)).toEqual([`f.yml:${expected}`]);
  });
});

test("parseYaml() knows the columns of a file, also behind tabs and characters of two units", () => {
  const { root } = parseYaml('a: [\nb,\t"😀", c]\n', "f.yml");
  const list = root?.kind === "map" ? root.entries[0]!.value : undefined;
  expect(list?.kind === "list" && list.items.map(({ line, column }) => [line, column])).toEqual([
    [2, 1],
    [2, 4],
    [2, 9],
  ]);
});

test("parseYaml() reads the first document and counts on no further than the second", () => {
  expect(parseYaml("a: b\n---\nc: d\n---\ne\n", "f.yml").documents).toBe(2);
  expect(parseYaml("a: b\n...\n", "f.yml").documents).toBe(1);
  expect(parseYaml("", "f.yml").documents).toBe(0);
});

test("parseYaml() refuses to nest beyond a thousand levels instead of running out of stack", () => {
  expect(read("[".repeat(5000))).toEqual([expect.stringContaining("exceeded max depth of 1000")]);
  expect(read("- ".repeat(5000))).toEqual([expect.stringContaining("exceeded max depth of 1000")]);
});
