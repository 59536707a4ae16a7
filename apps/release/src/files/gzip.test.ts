import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { gzip } from "./gzip.ts";

test("gzip() writes a header without name, time or system", async () => {
  const text = Buffer.from("narthex ".repeat(1000));
  const packed = await gzip(text);
  expect([...packed.subarray(0, 8)]).toEqual([0x1f, 0x8b, 8, 0, 0, 0, 0, 0]);
  expect(packed[9]).toBe(255);
  expect(gunzipSync(packed).equals(text)).toBe(true);
});
