import fc from "fast-check";
import { expect, test } from "vitest";
import { environmentText } from "../shell-lines.ts";
import { readEnvironmentFile } from "./environment-file.ts";

const valuesOf = (text: string): Record<string, string> =>
  Object.fromEntries(readEnvironmentFile(text).map(({ name, value }) => [name, value]));

test.each([
  ['ARGS="--a=1 --b"\n', { ARGS: "--a=1 --b" }],
  ["# no\n; no\nA=1\n", { A: "1" }],
  ["A=one two  \nB=3", { A: "one two", B: "3" }],
  ["A=one \\\n  two\n", { A: "one   two" }],
  ['ARGS="--a=1 \\\n  --b=2"\nB=2\n', { ARGS: "--a=1   --b=2", B: "2" }],
  [String.raw`A="\\\\d \$x \"q\" \d"`, { A: String.raw`\\d $x "q" \d` }],
  [String.raw`A='\d $x'"y"`, { A: String.raw`\d $xy` }],
  ["A=\nB=2\n", { A: "", B: "2" }],
  ["export A\nnot a line\nB=2\n", { B: "2" }],
  ["# goes on \\\nA=1\nB=2\n", { B: "2" }],
  ["A=1\r\nB=2\r\n", { A: "1", B: "2" }],
])("readEnvironmentFile(%j)", (text, values) => {
  expect(valuesOf(text)).toEqual(values);
});

test("readEnvironmentFile() returns the line where each variable begins", () => {
  expect(readEnvironmentFile('A=1\n# x\nB="2\n3"\nC=4').map(({ name, line }) => [name, line])).toEqual([
    ["A", 1],
    ["B", 3],
    ["C", 5],
  ]);
});

test("readEnvironmentFile() reads back what environmentText() writes", () => {
  const names = fc.stringMatching(/^[A-Z_][A-Z0-9_]{0,8}$/);
  const values = fc.string({ unit: "grapheme" }).map((text) => text.replaceAll("\0", "").replaceAll("\r", ""));
  fc.assert(
    fc.property(fc.dictionary(names, values), (env) => {
      expect(valuesOf(environmentText(env))).toEqual({ ...env });
    }),
  );
});
