import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { sourceFiles } from "../sources.ts";
import { recursionsIn } from "./recursions.ts";

const recursionsOf = (text: string): readonly (readonly string[])[] =>
  recursionsIn({ path: "packages/x/src/a.ts", isTest: false, lines: text.split("\n") });

test.each([
  ["a function", "function walk(n) { return walk(n.next); }", ["walk"]],
  ["an arrow function", "const walk = (n) => n.children.map((one) => walk(one));", ["walk"]],
  ["one that is handed on by name", "const walk = (n) => n.children.map(walk);", ["walk"]],
  ["two functions", "function a() { b(); }\nfunction b() { a(); }", ["a", "b"]],
  ["methods", "class C { #a() { this.b(); } b() { this.#a(); } }", ["C.#a", "C.b"]],
])("recursionsIn() finds %s", (_, text, found) => {
  expect(recursionsOf(text)).toEqual([found]);
});

test.each([
  ["a call of a timer", "const look = () => { clock.after(1, look); clock.after(1, () => look()); };", [["look"]]],
  ["what only timers call", "const look = () => { clock.after(1, () => look()); };", []],
  ["two functions of which one calls the other", "function a() { b(); }\nfunction b() {}", []],
  ["a method of another object", "class C { close() { this.inner.close(); } }", []],
])("recursionsIn() and %s", (_, text, found) => {
  expect(recursionsOf(text)).toEqual(found);
});

test("bounds.tsv names the bound of each recursion in the sources, and nothing else", () => {
  const [, ...rows] = readFileSync(new URL("bounds.tsv", import.meta.url), "utf8")
    .trimEnd()
    .split("\n");
  const bounds = new Map(
    rows.map((row) => {
      const [path, first, bound = ""] = row.split("\t");
      return [`${path} ${first}`, bound];
    }),
  );
  const found = sourceFiles().flatMap((file) => recursionsIn(file).map(([first]) => `${file.path} ${first}`));
  expect(found.filter((recursion) => (bounds.get(recursion) ?? "").length < 5)).toEqual([]);
  expect([...bounds.keys()].filter((recursion) => !found.includes(recursion))).toEqual([]);
  expect(found.length).toBeGreaterThan(100);
});
