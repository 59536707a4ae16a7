import fc from "fast-check";
import { expect, test } from "vitest";
import { parseJson } from "./read-json.ts";

function parse(text: string): unknown {
  const steps = parseJson(Buffer.from(text));
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
  }
}

test("any JSON is read as JSON.parse reads it", () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), fc.constantFrom(undefined, 1, "\t"), (value, indent) => {
      const text = JSON.stringify(value, null, indent);
      expect(JSON.stringify(parse(text))).toBe(JSON.stringify(JSON.parse(text)));
    }),
    { numRuns: 500, seed: 11 },
  );
});

test.each(["", "{", "[1,", '{"a"}', '{"a":1,}', "[1]]", '"a', "{1:2}", "nul", "-"])("%s is not JSON", (text) => {
  expect(() => parse(text)).toThrow(/malformed JSON/);
});

test("a key __proto__ is an entry like others", () => {
  const read = parse('{"__proto__": {"a": 1}}') as object;
  expect(Object.keys(read)).toEqual(["__proto__"]);
  expect("a" in read).toBe(false);
});

test("objects are plain objects, because V8 gives each object without a prototype a table of hundreds of bytes", () => {
  expect(Object.getPrototypeOf(parse('{"__proto__": {"a": 1}}'))).toBe(Object.prototype);
});

test("too many values, or levels, are refused", () => {
  expect(() => parse(`${"[".repeat(101)}${"]".repeat(101)}`)).toThrow("nested more than 100 deep");
  expect(() => parse(`[${"1,".repeat(3_000_000)}1]`)).toThrow("more than 3000000 values");
});
