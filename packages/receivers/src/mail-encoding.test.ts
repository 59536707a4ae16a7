import fc from "fast-check";
import { expect, test } from "vitest";
import { encodeHeader, quotedPrintable } from "./mail-encoding.ts";

const unfold = (text: string): string => text.replaceAll("\r\n ", " ");

/** RFC 2047, 6.2: white space between two encoded words is none. */
const decodeWords = (text: string): string =>
  unfold(text)
    .replace(/\?=\s+=\?utf-8\?q\?/g, "")
    .replace(/=\?utf-8\?q\?(.*)\?=/s, (_, word: string) =>
      Buffer.from(
        word
          .replaceAll("_", "=20")
          .replace(/=([0-9A-F]{2})/g, (_match, digits: string) => String.fromCharCode(Number.parseInt(digits, 16))),
        "latin1",
      ).toString(),
    );

test.each([
  ["[FIRING:1] A b (1 critical)", "[FIRING:1] A b (1 critical)"],
  ["ops é", "=?utf-8?q?ops_=C3=A9?="],
  ["a=b?_é", "=?utf-8?q?a=3Db=3F=5F=C3=A9?="],
])("the header %j is written %j", (text, written) => {
  expect(encodeHeader(text)).toBe(written);
});

test("any header comes back, in lines that mail servers take", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 300 }), (text) => {
      const written = encodeHeader(text);
      for (const line of written.split("\r\n ")) expect(line.length).toBeLessThan(998);
      expect(written.replaceAll("\r\n ", "")).not.toMatch(/[\r\n]/);
      if (written.startsWith("=?utf-8?q?")) expect(decodeWords(written)).toBe(text);
    }),
  );
});

test("an overlong plain header is folded at spaces", () => {
  const text = "word ".repeat(500).trim();
  const written = encodeHeader(text);
  expect(written.split("\r\n").every((line) => line.length <= 998)).toBe(true);
  expect(unfold(written)).toBe(text);
});

test("quoted-printable comes back, in lines of at most 76 characters", () => {
  const decode = (text: string): string =>
    Buffer.from(
      text
        .replaceAll("=\r\n", "")
        .replace(/=([0-9A-F]{2})/g, (_match, digits: string) => String.fromCharCode(Number.parseInt(digits, 16))),
      "latin1",
    ).toString();
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 400 }), fc.nat(3), (text, breaks) => {
      const given = `${text}\n${"x =é\t".repeat(breaks * 20)}\n `;
      const written = quotedPrintable(given);
      for (const line of written.split("\r\n")) {
        expect(line.length).toBeLessThanOrEqual(76);
        expect(line).not.toMatch(/[ \t]$/);
      }
      expect(decode(written)).toBe(given.replace(/\r?\n/g, "\r\n"));
    }),
  );
});
