import fc from "fast-check";
import { expect, test } from "vitest";
import { type JsonNode, JsonTextError, printJson, readJsonText } from "./json-text.ts";

const json = fc.jsonValue({ maxDepth: 4 });

const keysOf = (node: JsonNode): string[][] =>
  node.kind === "object"
    ? [node.members.map(({ key }) => key), ...node.members.flatMap(({ node: inner }) => keysOf(inner))]
    : node.kind === "list"
      ? node.items.flatMap(keysOf)
      : [];

test("printJson() changes no value, sorts keys, and is idempotent", () => {
  fc.assert(
    fc.property(json, fc.constantFrom(undefined, 1, "\t"), (value, indent) => {
      const printed = printJson(readJsonText(JSON.stringify(value, null, indent)).root);
      expect(JSON.parse(printed)).toEqual(JSON.parse(JSON.stringify(value)));
      const again = readJsonText(printed).root;
      for (const keys of keysOf(again)) expect(keys).toEqual(keys.toSorted());
      expect(printJson(again)).toBe(printed);
    }),
  );
});

test("readJsonText() accepts exactly what JSON.parse() accepts", () => {
  const cut = fc
    .tuple(json, fc.nat(60), fc.constantFrom("", ",", "}", "]", '"', "1", " ", "\n"))
    .map(([value, at, extra]) => {
      const text = JSON.stringify(value);
      return text.slice(0, at) + extra + text.slice(at + 1);
    });
  const outcome = (read: () => unknown): unknown => {
    try {
      return { value: read() };
    } catch (error) {
      expect(error).toSatisfy((one) => one instanceof SyntaxError || one instanceof JsonTextError);
      return "no JSON";
    }
  };
  fc.assert(
    fc.property(cut, (text) => {
      expect(outcome(() => readJsonText(text).value)).toEqual(outcome(() => JSON.parse(text)));
    }),
    { numRuns: 500 },
  );
});

test("printJson() keeps numbers, escapes, duplicate keys and names of inherited properties", () => {
  const text = '{"b":12345678901234567890,"a":1.0,"__proto__":{"x":"\\u00e9"},"a":[]}';
  expect(printJson(readJsonText(text).root)).toBe(
    '{\n  "__proto__": {\n    "x": "\\u00e9"\n  },\n  "a": 1.0,\n  "a": [],\n  "b": 12345678901234567890\n}',
  );
});

test.each([
  ['{"a": 1,', 8],
  ['{\n "a" 1}', 7],
  ['{"a": 1,}', 8],
  ["[1,]", 3],
  ['{"a": nope}', 6],
  ['{"a": "x}', 6],
  ["{} x", 3],
  ["[01]", 1],
  ['{"a": "\u0001"}', 7],
  ["", 0],
  ["[".repeat(100_000) + "]".repeat(100_000), 501],
])("readJsonText() reports the position at which a text stops being JSON (%#)", (text, at) => {
  let error: unknown;
  try {
    readJsonText(text);
  } catch (caught) {
    error = caught;
  }
  expect(error).toBeInstanceOf(JsonTextError);
  expect((error as JsonTextError).at).toBe(at);
});
