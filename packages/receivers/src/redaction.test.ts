import { Secret } from "@narthex/config";
import fc from "fast-check";
import { expect, test } from "vitest";
import { Redaction, secretsIn } from "./redaction.ts";

test("secretsIn() finds the secrets of a configuration at any depth", () => {
  const config = {
    url: new Secret("https://a/b"),
    plain: "text",
    none: undefined,
    http: { basicAuth: { password: new Secret("pass") }, headers: new Map([["X", { secrets: [new Secret("deep")] }]]) },
  };
  expect(secretsIn(config)).toEqual(["https://a/b", "pass", "deep"]);
});

test("a service's message contains no part of the URL that may be a token", () => {
  const redaction = new Redaction();
  redaction.hideUrl("https://hooks.example/services/T000/B000?key=0123456789abcdef&page=1");
  const page =
    "Cannot POST /services/T000/B000?key=0123456789abcdef&amp;page=1 (/services/T000/B000), 0123456789abcdef";
  expect(redaction.redact(page)).toBe("Cannot POST <secret> (<secret>), <secret>");
});

test("Basic credentials are redacted as they are sent, and so is the password alone", () => {
  const redaction = new Redaction();
  redaction.hideAuthorization("Basic dTpwYXNzMQ==");
  redaction.hideAuthorization("Bearer token-1");
  expect(redaction.redact("Basic dTpwYXNzMQ== is u with pass1; token-1")).toBe(
    "Basic <secret> is u with <secret>; <secret>",
  );
});

const secret = fc.string({ minLength: 4, maxLength: 60, unit: "grapheme" }).filter((text) => text.length >= 4);
const spelled = fc.constantFrom(
  (text: string) => text,
  (text: string) => text.replaceAll("/", "\\/"),
  (text: string) => text.replaceAll("&", "&amp;"),
  (text: string) => encodeURIComponent(text),
);

test("reported texts contain no secret, and have at most 1 KiB", () => {
  fc.assert(
    fc.property(
      fc.array(secret, { minLength: 1, maxLength: 4 }),
      fc.array(fc.tuple(fc.nat(3), spelled, fc.string({ maxLength: 400 })), { maxLength: 12 }),
      (secrets, parts) => {
        const said = parts.map(([i, spell, between]) => spell(secrets[i % secrets.length]!) + between).join(" ");
        const shown = new Redaction(secrets).redact(said);
        expect(Buffer.byteLength(shown)).toBeLessThanOrEqual(1024);
        const rest = shown.replaceAll("<secret>", "\n");
        for (const each of secrets) expect(rest).not.toContain(each);
      },
    ),
  );
});
