import fc from "fast-check";
import { expect, test } from "vitest";
import { shellCommand } from "./shell-words.ts";
import { QuoteError, quotedWords } from "./quoted-words.ts";

test("quotedWords() reads back what shellCommand() writes", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: "binary" })), (words) => {
      expect(quotedWords(shellCommand(words), "shell")).toEqual(words);
    }),
  );
});

test.each([
  ["a  b\tc", "unit", ["a", "b", "c"]],
  ["'a b' \"c d\"", "unit", ["a b", "c d"]],
  ['--x=":9091"', "unit", ["--x=:9091"]],
  [String.raw`a\x20b \u00e9 \101 \s`, "unit", ["a b", "é", "A", " "]],
  [String.raw`'it\'s' "" a\qb`, "unit", ["it's", "", "a\\qb"]],
  [String.raw`\U0010ffff \U00110000`, "unit", ["\u{10ffff}", String.raw`\U00110000`]],
  [String.raw`--a=\\d "b \\\\d"`, "variable", ["--a=\\d", "b \\\\d"]],
  [String.raw`'a\b'`, "variable", ["ab"]],
  [String.raw`'a\b' "c\d"`, "shell", ["a\\b", "c\\d"]],
  ["a\\\nb", "shell", ["ab"]],
  [`--x="a b" ''`, "shell", ["--x=a b", ""]],
] as const)("quotedWords(%j, %s)", (text, escapes, words) => {
  expect(quotedWords(text, escapes)).toEqual(words);
});

test("quotedWords() refuses an unclosed quote of a shell; systemd allows it", () => {
  expect(() => quotedWords("'a", "shell")).toThrow(QuoteError);
  for (const escapes of ["unit", "variable"] as const) expect(quotedWords("'a", escapes)).toEqual(["a"]);
});
