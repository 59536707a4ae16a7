import fc from "fast-check";
import { expect, test } from "vitest";
import { ReplyReader, type Reply } from "./smtp-reply.ts";

const line = fc.string({ unit: "binary" }).map((text) => text.replace(/[\r\n]/g, ""));
const reply: fc.Arbitrary<Reply> = fc.record({
  code: fc.integer({ min: 100, max: 999 }),
  lines: fc.array(line, { minLength: 1, maxLength: 4 }),
});

const printed = ({ code, lines }: Reply): string =>
  lines.map((text, i) => `${code}${i === lines.length - 1 ? " " : "-"}${text}\r\n`).join("");

test("read() finds the same replies however the bytes are cut", () => {
  fc.assert(
    fc.property(fc.array(reply, { maxLength: 4 }), fc.array(fc.nat(200)), (replies, cuts) => {
      const bytes = Buffer.from(replies.map(printed).join("").toWellFormed());
      const reader = new ReplyReader();
      const found: Reply[] = [];
      let from = 0;
      for (const cut of [...new Set(cuts)].sort((a, b) => a - b)) {
        found.push(...reader.read(bytes.subarray(from, cut)));
        from = Math.min(cut, bytes.length);
      }
      found.push(...reader.read(bytes.subarray(from)));
      expect(found).toEqual(
        replies.map(({ code, lines }) => ({ code, lines: lines.map((text) => text.toWellFormed()) })),
      );
    }),
  );
});

test("a reply that does not end is not read on", () => {
  for (const piece of ["x".repeat(1000), "250-more\r\n"]) {
    const reader = new ReplyReader();
    const endless = (): void => {
      for (let i = 0; i < 10_000; i++) reader.read(Buffer.from(piece));
    };
    expect(endless).toThrow("the server's reply does not end");
  }
});
