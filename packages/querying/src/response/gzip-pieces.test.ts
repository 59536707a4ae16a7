import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { expect, test } from "vitest";
import { EMPTY_SUM, gzipEnd, gzipPiece } from "./gzip-pieces.ts";

test("all pieces and the end form one gzip file", () => {
  const text = fc.oneof(
    fc.uint8Array({ maxLength: 5000 }),
    fc.string({ maxLength: 5000 }).map((one) => Buffer.from(one)),
  );
  fc.assert(
    fc.property(fc.array(text, { minLength: 1, maxLength: 5 }), text, (pieces, tail) => {
      let sum = EMPTY_SUM;
      const written = pieces.filter(({ length }) => length > 0);
      if (written.length === 0) return;
      const packed = written.map((piece) => {
        const next = gzipPiece(piece, sum);
        sum = next.sum;
        return next.bytes;
      });
      const file = Buffer.concat([...packed, gzipEnd(tail, sum)]);
      expect(gunzipSync(file)).toEqual(Buffer.concat([...written, tail]));
    }),
  );
});

test("an end that is longer than a stored block is supported", () => {
  const { bytes, sum } = gzipPiece(Buffer.from("a"), EMPTY_SUM);
  const tail = Buffer.alloc(70_000, "b");
  expect(gunzipSync(Buffer.concat([bytes, gzipEnd(tail, sum)]))).toEqual(Buffer.concat([Buffer.from("a"), tail]));
});
