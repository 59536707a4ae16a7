import { createCipheriv, pbkdf2Sync, randomBytes } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { GrafanaSecretError, GrafanaSecrets } from "./grafana-secrets.ts";

/** Encrypts a secret in the same way as Grafana. */
function sealed(text: string | Buffer, secret: string | Buffer, cipher: "aes-cfb" | "aes-gcm" | ""): Buffer {
  const salt = Buffer.from("saltsalt");
  const key = pbkdf2Sync(secret, salt, 10_000, 32, "sha256");
  const mark = cipher === "" ? "" : `*${Buffer.from(cipher).toString("base64").replaceAll("=", "")}*`;
  if (cipher === "aes-gcm") {
    const iv = randomBytes(12);
    const made = createCipheriv("aes-256-gcm", key, iv);
    const body = Buffer.concat([made.update(text), made.final()]);
    return Buffer.concat([Buffer.from(mark), salt, iv, body, made.getAuthTag()]);
  }
  const iv = randomBytes(16);
  const made = createCipheriv("aes-256-cfb", key, iv);
  return Buffer.concat([Buffer.from(mark), salt, iv, made.update(text), made.final()]);
}

const named = (name: string): Buffer => Buffer.from(`#${Buffer.from(name).toString("base64").replaceAll("=", "")}#`);

test("open() decrypts secrets that were encrypted with the secret key or with a key in the database", () => {
  const dataKey = randomBytes(16);
  fc.assert(
    fc.property(fc.string(), fc.constantFrom("aes-cfb", "aes-gcm", ""), (text, cipher) => {
      const secrets = new GrafanaSecrets("chosen", new Map([["k1", sealed(dataKey, "chosen", cipher)]]));
      expect(secrets.open(sealed(text, "chosen", cipher)).toString()).toBe(text);
      const enveloped = Buffer.concat([named("k1"), sealed(text, dataKey, cipher)]);
      expect(secrets.open(enveloped).toString()).toBe(text);
    }),
    { numRuns: 20 },
  );
});

test("open() gives the reason if it fails", () => {
  const secrets = new GrafanaSecrets("chosen", new Map());
  expect(() => secrets.open(Buffer.concat([named("gone"), sealed("x", "chosen", "")]))).toThrow('no key "gone"');
  expect(() => secrets.open(Buffer.from("short"))).toThrow("cut off");
  expect(() => secrets.open(sealed("x", "other", "aes-gcm"))).toThrow("another key");
  expect(() => secrets.open(Buffer.from("*cm90MTM*abc"))).toThrow(GrafanaSecretError);
  const cipher = Buffer.from("constructor").toString("base64").replaceAll("=", "");
  expect(() => secrets.open(Buffer.from(`*${cipher}*abc`))).toThrow("constructor, which is not supported");
});
