import { expect, test } from "vitest";
import { BodyBuffers } from "./body-buffers.ts";

const MIB = 1024 * 1024;

test("a buffer is reused, and grows by doubling while keeping its content", () => {
  const buffers = new BodyBuffers();
  const first = buffers.take(5000);
  expect(first).toHaveLength(8192);
  first.write("content");
  const second = buffers.grown(first, 7);
  expect(second).toHaveLength(16_384);
  expect(second.toString("latin1", 0, 7)).toBe("content");
  expect(buffers.take(8000)).toBe(first);
});

test("long buffers, and more than the pool's limit, are returned to the system", () => {
  const buffers = new BodyBuffers();
  const giant = buffers.take(16 * MIB);
  buffers.giveBack(giant);
  expect(giant).toHaveLength(0);
  const many = Array.from({ length: 10 }, () => buffers.take(8 * MIB));
  for (const buffer of many) buffers.giveBack(buffer);
  expect(many.filter(({ length }) => length > 0)).toHaveLength(4);
});
