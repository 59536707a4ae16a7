import fc from "fast-check";
import { expect, test } from "vitest";
import { jsonMistakeAt } from "./json-mistake.ts";
import { parseJson } from "./parse-json.ts";

test("an error message names the line", () => {
  expect(parseJson('{\n  "title": "a",\n  "panels": [,]\n}').mistake).toEqual({
    line: 3,
    message: "This is not JSON from line 3, column 14 on, at ,]",
  });
  expect(parseJson('{\n "title": "a"\n').mistake?.message).toMatch(/^The JSON ends too early, at line 3, column 1/);
  expect(parseJson('{"a": 1,}').mistake?.message).toBe("This is not JSON from line 1, column 9 on, at }");
});

test("only an object is accepted as a dashboard", () => {
  expect(parseJson("[]").mistake?.message).toContain("object");
  expect(parseJson(" ").mistake?.message).toContain("is empty");
  expect(parseJson('{"title":"a"}').json).toEqual({ title: "a" });
});

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

test("an error position is found in any invalid JSON, and in no valid JSON", () =>
  fc.assert(
    fc.property(fc.json(), fc.nat(), fc.constantFrom("", "}", "]", ",", '"', ":", "x", " 1", "\n"), (json, at, put) => {
      expect(jsonMistakeAt(json)).toBeUndefined();
      const cut = at % (json.length + 1);
      const broken = json.slice(0, cut) + put + json.slice(cut + (put === "" ? 1 : 0));
      expect(jsonMistakeAt(broken) === undefined).toBe(isJson(broken));
    }),
  ));
