import fc from "fast-check";
import { expect, test } from "vitest";
import { formatByteSize, parseByteSize } from "./measures.ts";

test.each([
  ["10MB", 10 * 1024 ** 2],
  ["10MiB", 10 * 1024 ** 2],
  ["1.5KB", 1536],
  ["1GiB512MiB", 1.5 * 1024 ** 3],
  ["0", 0],
  ["5", "units: unknown unit  in 5"],
  ["5XB", "units: unknown unit XB in 5XB"],
  ["x", "units: invalid x"],
])("parseByteSize(%j)", (text, expected) => {
  expect(parseByteSize(text)).toBe(expected);
});

test("the output of formatByteSize() is read as the same size", () =>
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 50 }), (bytes) => {
      expect(parseByteSize(formatByteSize(bytes))).toBe(bytes);
    }),
  ));
