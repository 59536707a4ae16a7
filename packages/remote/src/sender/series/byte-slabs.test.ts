import { expect, test } from "vitest";
import { ByteSlabs } from "./byte-slabs.ts";

test("an empty string is stored like other strings, before the first slab and when a slab is full", () => {
  const slabs = new ByteSlabs();
  const empty = slabs.add(new Uint8Array());
  const full = slabs.add(new Uint8Array(1 << 20).fill(1));
  const behind = slabs.add(new Uint8Array());
  expect(slabs.get(empty, 0)).toEqual(new Uint8Array());
  expect(slabs.get(full, 2)).toEqual(Uint8Array.of(1, 1));
  expect(slabs.get(behind, 0)).toEqual(new Uint8Array());
});
