import { expect, test } from "vitest";
import { withFullText, withReferences } from "./query-references.ts";

const texts = new Map([
  ["A", "a.*"],
  ["B", "sum(#A)"],
  ["C", "f(#D)"],
  ["D", "f(#C)"],
  ["E", "f(#E)"],
  ["F", ""],
]);

test.each([
  ["scale(#B, #A)", { text: "scale(sum(a.*), a.*)" }],
  ["color(x, '#AB00FF') #a", { text: "color(x, '#AB00FF') #a" }],
  ["f(#C)", { reference: "C", problem: "the references form a circle, or are too many" }],
  ["f(#E)", { reference: "E", problem: "the references form a circle, or are too many" }],
  ["f(#X)", { reference: "X", problem: "the references form a circle, or are too many" }],
  ["f(#F)", { reference: "F", problem: "there is no such query" }],
  ["f(#Z)", { reference: "Z", problem: "there is no such query" }],
])("the references of %j are replaced", (text, expected) => {
  expect(withReferences(text, "X", new Map([...texts, ["X", "x"]]))).toEqual(expected);
});

test("a text that grows too long is not replaced", () => {
  const doubled = new Map(["A", "B", "C", "D"].map((name, at) => [name, `#${"BCDE"[at]!} `.repeat(100)]));
  doubled.set("E", "x");
  expect(withReferences("#A", "X", doubled)).toMatchObject({ problem: expect.stringContaining("too many") });
});

test("the full text is computed again, and removed if the query has none", () => {
  const references = { field: "target", fullField: "targetFull" };
  const full = (query: Readonly<Record<string, unknown>>): unknown => withFullText(query, "X", references, texts);
  expect(full({ target: "f(#A)", targetFull: "old", n: 1 })).toEqual({ target: "f(#A)", targetFull: "f(a.*)", n: 1 });
  expect(full({ target: "a", targetFull: "old" })).toEqual({ target: "a" });
  expect(full({ target: "#Z", targetFull: "old" })).toEqual({ target: "#Z" });
  expect(full({ target: 5 })).toEqual({ target: 5 });
});
