import { expect, test } from "vitest";
import { JsonCursor, JsonProblem } from "./json-cursor.ts";

const DIGITS = "1".repeat(1_000_000);

test.each([`${DIGITS}x`, `1.${DIGITS}x`, `.${DIGITS}e`])(
  "a long word that is not a number is refused in one pass: %#",
  (text) => {
    expect(() => new JsonCursor(Buffer.from(text)).number()).toThrow(JsonProblem);
  },
);

test("values of any shape and nesting depth are skipped", () => {
  const values = [`1`, `"a\\"]"`, `[]`, `{}`, `[1, [2, {}], "x"]`, `{"a": [1, {"b": {}}], "c": null}`];
  for (const value of [...values, `${"[".repeat(1_000_000)}${"]".repeat(1_000_000)}`]) {
    const cursor = new JsonCursor(Buffer.from(`[${value}, 7]`));
    cursor.beginArray();
    cursor.skip();
    expect(cursor.nextElement()).toBe(true);
    expect(cursor.number()).toBe(7);
  }
  for (const value of ["[1,]", `{"a"}`, `{"a":1,}`, "[1}", "{1:2}", "[", ""])
    expect(() => new JsonCursor(Buffer.from(value)).skip(), value).toThrow(JsonProblem);
});

test("a long value is skipped in short steps, as in one step", () => {
  const list = Array.from({ length: 20_000 }, (_, at) => ({ at, of: [[], {}, "x", null], in: { a: { b: at } } }));
  const bytes = Buffer.from(JSON.stringify([list, 7]));
  const cursor = new JsonCursor(bytes);
  cursor.beginArray();
  expect([...cursor.skipInSteps()].length).toBeGreaterThan(20);
  expect([cursor.nextElement(), cursor.number(), cursor.nextElement()]).toEqual([true, 7, false]);
  for (const cut of [1, 1000, 500_000])
    expect(() => [...new JsonCursor(bytes.subarray(0, cut)).skipInSteps()]).toThrow(JsonProblem);
});
