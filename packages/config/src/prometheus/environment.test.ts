import { Labels } from "@narthex/model";
import { expect, test } from "vitest";
import { expandLabels } from "./environment.ts";

const expanded = (text: string): string =>
  expandLabels(Labels.of({ a: text }), { A: "1", B_2: "2" }, () => undefined).get("a");

test.each([
  ["$A-${B_2}-$$", "1-2-$"],
  ["${A}${A", "1${A"],
  ["${A$A", "${A1"],
  ["${A$A}$A", "1"],
])("variables in %s become %s", (text, value) => {
  expect(expanded(text)).toBe(value);
});

test("a text with many braces that are never closed is expanded in one pass", () => {
  const text = "${".repeat(1_000_000);
  expect(expanded(`${text}$A`)).toBe(`${text}1`);
});
