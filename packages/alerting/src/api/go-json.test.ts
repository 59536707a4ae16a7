import * as fc from "fast-check";
import { expect, test } from "vitest";
import { type JsonNode, parseGoJson } from "./go-json.ts";

const plain = (node: JsonNode): unknown => {
  switch (node.kind) {
    case "array":
      return node.items.map(plain);
    case "bool":
      return node.value;
    case "null":
      return null;
    case "number":
      return Number(node.text);
    case "object":
      return Object.fromEntries(node.members.map(([name, value]) => [name, plain(value)]));
    case "string":
      return node.text;
  }
};

test("parseGoJson() reads what JSON.stringify() writes", () =>
  fc.assert(
    fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
      expect(JSON.stringify(plain(parseGoJson(JSON.stringify(value))!))).toBe(JSON.stringify(value));
    }),
  ));

test("parseGoJson() reports an unexpected end for every beginning of an object", () => {
  const text = '{"a":[1.5e+3,-0,true,null,"x\\u00e9\\n"],"b":{}}';
  for (let cut = 1; cut < text.length; cut++) expect(() => parseGoJson(text.slice(0, cut))).toThrow("unexpected EOF");
});

test.each([
  ["[}", "invalid character '}' looking for beginning of value"],
  ["[01]", "invalid character '1' after array element"],
  ["{'a':1}", "invalid character '\\'' looking for beginning of object key string"],
  ['{"a" 1}', "invalid character '1' after object key"],
  ['{"a":1 "b"}', "invalid character '\"' after object key:value pair"],
  ["[fals]", "invalid character ']' in literal false (expecting 'e')"],
  ["[1.]", "invalid character ']' in numeric literal"],
  ['["a\nb"]', "invalid character '\\n' in string"],
  ['["\\x"]', "invalid escape sequence `\\x` in string"],
  ["[\u00a0]", "invalid character '\\u00a0' looking for beginning of value"],
  ["[".repeat(10_001), "exceeded max depth"],
  ["[".repeat(10_000), "unexpected EOF"],
  ["[-]", "invalid character ']' in numeric literal"],
  ["[-01]", "invalid character '1' after array element"],
  ["[1e]", "invalid character ']' in numeric literal"],
  ["[1e+]", "invalid character ']' in numeric literal"],
  ["[1.5.5]", "invalid character '.' after array element"],
  ['{"a":1,}', "invalid character '}' looking for beginning of object key string"],
  ["[1,]", "invalid character ']' looking for beginning of value"],
  ['["\\u00g0"]', "invalid escape sequence `\\u00g0` in string"],
  ['["\\u0"', 'invalid escape sequence `\\u0"` in string'],
  ['["\\`"]', 'invalid escape sequence "\\\\`" in string'],
  ['["\\u12', "unexpected EOF"],
  ['["\\', "unexpected EOF"],
  ["[1\u0000]", "invalid character '\\x00' after array element"],
  ["😀", "invalid character '😀' looking for beginning of value"],
])("parseGoJson(%j) says %s", (text, message) => expect(() => parseGoJson(text)).toThrow(message));

test("parseGoJson() ignores text after the first value, and returns undefined for blanks", () => {
  expect(parseGoJson("[] x")).toEqual({ kind: "array", items: [] });
  expect(parseGoJson(" \n")).toBeUndefined();
});

test.each([
  ["0", { kind: "number", text: "0" }],
  ["-0.50E-10x", { kind: "number", text: "-0.50E-10" }],
  ["12", { kind: "number", text: "12" }],
  ['"\\ud800\\/\\b"', { kind: "string", text: "\ufffd/\b" }],
  [
    '\t\r {"a":{},"a":[]}',
    {
      kind: "object",
      members: [
        ["a", { kind: "object", members: [], key: "" }],
        ["a", { kind: "array", items: [] }],
      ],
      key: "a",
    },
  ],
])("parseGoJson(%j) is %j", (text, node) => expect(parseGoJson(text)).toEqual(node));
