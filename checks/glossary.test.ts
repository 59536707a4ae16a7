import { expect, test } from "vitest";
import { readGlossary, retiredNames, wordsOf } from "./glossary.ts";
import { sourceFiles } from "./sources.ts";

const glossary = readGlossary();

test("the glossary can be read", () => {
  expect(glossary.length).toBeGreaterThan(20);
  for (const { words, meaning } of glossary) expect([words.length > 0, meaning !== ""]).toEqual([true, true]);
});

test("wordsOf() splits a name into words", () => {
  expect(["OneByOne", "one-by-one", "ONE_BY_ONE", "XORChunk"].map((name) => wordsOf(name).join(" "))).toEqual([
    "one by one",
    "one by one",
    "one by one",
    "xor chunk",
  ]);
});

test("retiredNames() finds a retired word in exported names and in the file's name", () => {
  const lines = [
    "export class LeaseDesk {}",
    "const leaseDesk = 1;",
    "export const myLeaseDesk = 2;",
    "export const desk = 3;",
  ];
  const source = { path: "packages/x/src/lease-desk.ts", isTest: false, lines };
  const found = retiredNames(source, [{ words: ["LeaseManager"], meaning: "", retired: ["LeaseDesk"] }]);
  expect(found).toHaveLength(3);
});

test("no exported name and no file name contains a retired word", () => {
  expect(sourceFiles().flatMap((source) => retiredNames(source, glossary))).toEqual([]);
});

test("no retired word is replaced by another retired word", () => {
  const retired = new Set(glossary.flatMap((line) => line.retired));
  expect(glossary.flatMap(({ words }) => words.filter((word) => retired.has(word)))).toEqual([]);
});
