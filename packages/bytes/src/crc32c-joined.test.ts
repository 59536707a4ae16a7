import * as fc from "fast-check";
import { expect, test } from "vitest";
import { joinedCrc32c } from "./crc32c-joined.ts";
import { crc32c } from "./crc32c.ts";

test("joinedCrc32c() equals the checksum of both contents together", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(300), (bytes, cut) => {
      const at = Math.min(cut, bytes.length);
      const joined = joinedCrc32c(crc32c(bytes, 0, at), crc32c(bytes, at), bytes.length - at);
      expect(joined).toBe(crc32c(bytes));
    }),
  );
});

test.each([4095, 4096, 4097, 8191, 8192, 100_000, 1_048_576, 3_333_333])(
  "joinedCrc32c() is correct for a second content of %d bytes",
  (length) => {
    const bytes = Uint8Array.from({ length: length + 9 }, (_, i) => Math.imul(i, 2_654_435_761) >>> 24);
    expect(joinedCrc32c(crc32c(bytes, 0, 9), crc32c(bytes, 9), length)).toBe(crc32c(bytes));
  },
);
