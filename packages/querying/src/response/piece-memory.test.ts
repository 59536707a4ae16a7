import { expect, test } from "vitest";
import { PieceMemory, transferable } from "./piece-memory.ts";

const KIB = 1024;
const sharedOf = ({ buffer }: Uint8Array): SharedArrayBuffer => {
  if (!(buffer instanceof SharedArrayBuffer)) throw new Error("the memory is not shared");
  return buffer;
};
const filled = (length: number, byte: number): Uint8Array => new Uint8Array(length).fill(byte);

test("returned memory is used for the next piece that fits into it", () => {
  const memory = new PieceMemory();
  const first = memory.copy(filled(300 * KIB, 1));
  memory.giveBack([sharedOf(first)]);
  const larger = memory.copy(filled(400 * KIB, 2));
  expect(larger).toEqual(filled(400 * KIB, 2));
  expect(larger.buffer).not.toBe(first.buffer);
  const second = memory.copy(filled(256 * KIB, 3));
  expect(second.buffer).toBe(first.buffer);
  expect(second).toEqual(filled(256 * KIB, 3));
  expect(memory.copy(filled(256 * KIB, 4)).buffer).not.toBe(first.buffer);
});

test.for([1000, 1500 * KIB])("a piece of %d bytes gets memory of exactly its size, which is transferred", (length) => {
  const memory = new PieceMemory();
  const piece = memory.copy(filled(length, 7));
  expect(piece).toEqual(filled(length, 7));
  expect(piece.buffer.byteLength).toBe(length);
  expect(transferable([piece.buffer])).toEqual([piece.buffer]);
});

test("the number of shared pieces is limited: if all of them are being sent, further pieces are transferred", () => {
  const memory = new PieceMemory();
  const pieces = Array.from({ length: 20 }, (_, i) => memory.copy(filled(100 * KIB, i)));
  const shared = pieces.slice(0, 8).map(sharedOf);
  expect(transferable(pieces.map(({ buffer }) => buffer))).toEqual(pieces.slice(8).map(({ buffer }) => buffer));
  expect(pieces.map(([byte]) => byte)).toEqual(pieces.map((_, i) => i));
  memory.giveBack(shared);
  const again = shared.map(() => memory.copy(filled(100 * KIB, 1)).buffer);
  expect(shared.every((one) => again.includes(one))).toBe(true);
});

test("memory that is too small is replaced by larger memory", () => {
  const memory = new PieceMemory();
  const small = Array.from({ length: 8 }, () => sharedOf(memory.copy(filled(100 * KIB, 1))));
  memory.giveBack(small);
  const large = Array.from({ length: 8 }, () => sharedOf(memory.copy(filled(900 * KIB, 2))));
  expect(large.map(({ byteLength }) => byteLength)).toEqual(large.map(() => 960 * KIB));
  expect(transferable([memory.copy(filled(100 * KIB, 3)).buffer])).toHaveLength(1);
  memory.giveBack(large);
  expect(large).toContain(memory.copy(filled(100 * KIB, 3)).buffer);
});
