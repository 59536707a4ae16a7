import { expect, test } from "vitest";
import { limitAnnotations } from "./envelope.ts";

const notes = (count: number): string[] => Array.from({ length: count }, (_, i) => `note ${i}`);

test("limitAnnotations() returns the first ten notes and the number of the others", () => {
  expect(limitAnnotations(notes(10), "info")).toEqual(notes(10));
  expect(limitAnnotations(notes(11), "info")).toEqual([...notes(10), "1 more info annotations omitted"]);
  expect(limitAnnotations(notes(10), "info", 5)).toEqual([...notes(10), "5 more info annotations omitted"]);
  expect(limitAnnotations(notes(12), "info", 5)).toEqual([...notes(10), "7 more info annotations omitted"]);
  expect(limitAnnotations(notes(13), "warning")).toEqual([...notes(10), "3 more warning annotations omitted"]);
});
