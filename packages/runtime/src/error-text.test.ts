import { expect, test } from "vitest";
import { errorText, shortened } from "./error-text.ts";

test("a text is shortened behind the maximum, and never within a character", () => {
  expect(shortened("abc", 3)).toBe("abc");
  expect(shortened("abcd", 3)).toBe("abc…");
  expect(shortened("ab😀", 3)).toBe("ab\uFFFD…");
});

test("the text of an error has at most 1000 characters and an ellipsis", () => {
  expect(errorText(new Error("a".repeat(1000)))).toBe("a".repeat(1000));
  expect(errorText(new Error("a".repeat(1001)))).toBe(`${"a".repeat(1000)}…`);
  expect(errorText("refused")).toBe("refused");
});
