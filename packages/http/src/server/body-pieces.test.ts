import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { BodyPieces } from "./body-pieces.ts";

test("pieces of any lengths are joined to the bytes that were sent", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(40_000), { maxLength: 30 }), (lengths) => {
      const pieces = new BodyPieces();
      const sent = lengths.map((length) => randomBytes(length));
      for (const piece of sent) pieces.add(piece);
      expect(pieces.whole().equals(Buffer.concat(sent))).toBe(true);
    }),
    { numRuns: 30 },
  );
});

test("a body of tiny pieces is held in few buffers", () => {
  const pieces = new BodyPieces();
  const piece = Buffer.from("x");
  for (let i = 0; i < 1_000_000; i++) pieces.add(piece);
  expect(pieces.buffers).toBeLessThan(100);
  expect(pieces.whole().length).toBe(1_000_000);
});

test("a body of one piece is not copied", () => {
  const pieces = new BodyPieces();
  const piece = Buffer.from("sent at once");
  pieces.add(piece);
  expect(pieces.whole()).toBe(piece);
});
