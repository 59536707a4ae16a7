import { expect, test } from "vitest";
import { BodyBuffers } from "./body-buffers.ts";
import { BodySizeError } from "./scrape-error.ts";

const MIB = 1024 * 1024;

test("a buffer is lent again, and grows by doubling with what is in it", () => {
  const buffers = new BodyBuffers();
  const first = buffers.take(5000);
  expect(first).toHaveLength(8192);
  first.write("content");
  const second = buffers.grown(first, 7);
  expect(second).toHaveLength(16_384);
  expect(second.toString("latin1", 0, 7)).toBe("content");
  expect(buffers.take(8000)).toBe(first);
});

test("a buffer that grows beyond measure becomes the longest at once, and its memory is given back for good", () => {
  const buffers = new BodyBuffers(16 * MIB, MIB);
  const first = buffers.take(MIB);
  first.write("content");
  const giant = buffers.grown(first, 7);
  expect(giant).toHaveLength(16 * MIB);
  expect(giant.toString("latin1", 0, 7)).toBe("content");
  buffers.giveBack(giant);
  expect(giant).toHaveLength(0);
  expect(buffers.take(16 * MIB)).toHaveLength(16 * MIB);
});

test("what is longer than the longest buffer is refused with the bound, and stays its borrower's", () => {
  const buffers = new BodyBuffers(16 * MIB, MIB);
  const giant = buffers.take(16 * MIB);
  expect(() => buffers.grown(giant, 16 * MIB)).toThrow(BodySizeError);
  expect(() => buffers.take(17 * MIB)).toThrow("body size limit exceeded: no body is longer than 16777216 bytes");
  expect(giant).toHaveLength(16 * MIB);
});
