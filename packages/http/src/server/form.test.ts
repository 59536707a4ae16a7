import fc from "fast-check";
import { expect, test } from "vitest";
import { parseFields } from "./form.ts";

test("well-formed fields are read like those of any form", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.string(), fc.string())), (fields) => {
      const text = new URLSearchParams(fields).toString();
      const read = parseFields(text);
      expect([...read]).toEqual([...new URLSearchParams(text)]);
      expect(read.problem).toBeUndefined();
    }),
  );
});

test.each([
  ["a=1&b=%zz&c=3", ["a=1", "c=3"], 'invalid URL escape "%zz"'],
  ["a=%", [], 'invalid URL escape "%"'],
  ["%4=1&a=1;b=2&c=%41", ["c=A"], 'invalid URL escape "%4="'],
  ["a=1;b=2&c=3", ["c=3"], "invalid semicolon separator in query"],
])("of %s the malformed fields are left out, as Go leaves them", (text, kept, problem) => {
  const read = parseFields(text);
  expect(Array.from(read, (field) => field.join("="))).toEqual(kept);
  expect(read.problem).toBe(problem);
});
