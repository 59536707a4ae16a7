import fc from "fast-check";
import { expect, test } from "vitest";
import { entryId, fromColumn, toColumn } from "./schema.ts";

test("fromColumn() reverses toColumn(), whose output has no U+0000", () => {
  const odd = fc.string({ unit: fc.constantFrom("\u0000", "\u0001", "\u0002", "a", "é") });
  fc.assert(
    fc.property(odd, (text) => {
      expect(toColumn(text)).not.toContain("\u0000");
      expect(fromColumn(toColumn(text))).toBe(text);
    }),
  );
});

test("entryId() is a UUID that differs for other collections and keys", () => {
  expect(entryId("a", "b")).toMatch(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  expect(new Set([entryId("a", "bc"), entryId("ab", "c"), entryId("a", "bd")]).size).toBe(3);
});
