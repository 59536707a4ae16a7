import fc from "fast-check";
import { expect, test } from "vitest";
import { shellCommand } from "../../service/shell-words.ts";
import { QuoteError, quotedWords } from "./quoted-words.ts";

test("quotedWords() reads back what shellCommand() writes", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: "binary" })), (words) => {
      expect(quotedWords(shellCommand(words), "shell")).toEqual(words);
    }),
  );
});

test.each([
  [String.raw`--a=\\d "b \\\\d"`, "everywhere", ["--a=\\d", "b \\\\d"]],
  [String.raw`'a\b'`, "everywhere", ["ab"]],
  [String.raw`'a\b' "c\d"`, "shell", ["a\\b", "c\\d"]],
  ["a\\\nb", "shell", ["ab"]],
  [`--x="a b" ''`, "shell", ["--x=a b", ""]],
] as const)("quotedWords(%j, %s)", (text, escapes, words) => {
  expect(quotedWords(text, escapes)).toEqual(words);
});

test("quotedWords() refuses an unclosed quote", () => {
  expect(() => quotedWords("'a", "shell")).toThrow(QuoteError);
  expect(quotedWords("'a", "everywhere")).toEqual(["a"]);
});
