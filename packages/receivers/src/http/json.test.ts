import { goJson } from "@narthex/http";
import fc from "fast-check";
import { expect, test } from "vitest";
import { compactJson } from "./json.ts";

test("compactJson() of a value with white space equals the output of Go's encoder", () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom(1, "\t", "\r\n"), (value, indent) => {
      expect(compactJson(JSON.stringify(value, null, indent))).toBe(goJson(value));
    }),
  );
});

test.each([
  [' { "a" : 1.50e+02 , "a" : -0 } ', '{"a":1.50e+02,"a":-0}'],
  [String.raw`["\\", " \" , \\\" : ", "\u003c \u0020"]`, String.raw`["\\"," \" , \\\" : ","\u003c \u0020"]`],
])("compactJson(%s) leaves values as they were written", (json, compact) => {
  expect(compactJson(json)).toBe(compact);
});

test("compactJson() reads a string that is not closed in one pass", () => {
  const begun = '\\"'.repeat(500_000);
  expect(compactJson(`" ${begun} `) === `" ${begun} `).toBe(true);
});
