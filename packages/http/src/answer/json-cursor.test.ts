import { expect, test } from "vitest";
import { JsonCursor, JsonProblem } from "./json-cursor.ts";

const DIGITS = "1".repeat(1_000_000);

test.each([`${DIGITS}x`, `1.${DIGITS}x`, `.${DIGITS}e`])(
  "a long word that is no number is refused in one pass: %#",
  (text) => {
    expect(() => new JsonCursor(Buffer.from(text)).number()).toThrow(JsonProblem);
  },
);
