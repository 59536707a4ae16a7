import { expect, test } from "vitest";
import { PieceMemory } from "./piece-memory.ts";

const KIB = 1024;
const filled = (length: number, byte: number): Uint8Array => new Uint8Array(length).fill(byte);

test("memory that was given back takes the next piece that fits into it", () => {
  const memory = new PieceMemory();
  const first = memory.copy(filled(300 * KIB, 1));
  memory.giveBack([first.buffer]);
  const larger = memory.copy(filled(400 * KIB, 2));
  expect(larger).toEqual(filled(400 * KIB, 2));
  expect(larger.buffer).not.toBe(first.buffer);
  const second = memory.copy(filled(256 * KIB, 3));
  expect(second.buffer).toBe(first.buffer);
  expect(second).toEqual(filled(256 * KIB, 3));
  expect(memory.copy(filled(256 * KIB, 4)).buffer).not.toBe(first.buffer);
});

test("short pieces have memory of just their length, which is not kept", () => {
  const memory = new PieceMemory();
  const piece = memory.copy(filled(1000, 7));
  expect(piece).toEqual(filled(1000, 7));
  expect(piece.buffer.byteLength).toBe(1000);
  memory.giveBack([piece.buffer]);
  expect(memory.copy(filled(1000, 7)).buffer).not.toBe(piece.buffer);
});

test("no more is kept than pieces on their way", () => {
  const memory = new PieceMemory();
  const given = Array.from({ length: 20 }, () => new ArrayBuffer(100 * KIB));
  memory.giveBack(given);
  const taken = given.map(() => memory.copy(filled(100 * KIB, 1)).buffer);
  expect(taken.filter((one) => given.includes(one))).toHaveLength(8);
});
