import { createPublicKey, generateKeyPairSync, verify } from "node:crypto";
import { expect, test } from "vitest";
import { readStackitKey, StackitKeyError, stackitTokenForm } from "./stackit-tokens.ts";

const { privateKey, publicKey } = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
  publicKeyEncoding: { type: "spki", format: "pem" },
});
const credentials = { kid: "kid", iss: "me@sa.stackit.cloud", sub: "sub", aud: "https://aud" };

test("the form contains a JWT that is signed with the account's key", () => {
  const form = stackitTokenForm({ ...credentials, privateKey }, 1_700_000_000_500);
  expect(form.get("grant_type")).toBe("urn:ietf:params:oauth:grant-type:jwt-bearer");
  const [header = "", claims = "", signature = ""] = form.get("assertion")!.split(".");
  const json = (part: string): unknown => JSON.parse(Buffer.from(part, "base64url").toString());
  expect(json(header)).toEqual({ alg: "RS512", typ: "JWT", kid: "kid" });
  expect(json(claims)).toEqual({
    iss: "me@sa.stackit.cloud",
    sub: "sub",
    aud: "https://aud",
    jti: expect.stringMatching(/^[0-9a-f-]{36}$/),
    iat: 1_700_000_000,
    exp: 1_700_003_600,
  });
  const signed = Buffer.from(`${header}.${claims}`);
  expect(verify("sha512", signed, createPublicKey(publicKey), Buffer.from(signature, "base64url"))).toBe(true);
});

test("a service account key is read with and without its private key", () => {
  expect(readStackitKey(JSON.stringify({ id: "x", credentials }))).toEqual({ ...credentials, privateKey: "" });
  const whole = { ...credentials, privateKey };
  expect(readStackitKey(JSON.stringify({ credentials: whole }))).toEqual(whole);
});

test.each([
  ["{canary", "the STACKIT service account key is not JSON"],
  ["null", "the STACKIT service account key lacks credentials with kid, iss, sub and aud"],
  ['{"credentials":{"kid":"canary"}}', "the STACKIT service account key lacks credentials with kid, iss, sub and aud"],
  [JSON.stringify({ credentials: { ...credentials, privateKey: 1 } }), /lacks credentials/],
])("the key %s is refused, and the error does not contain it", (text, message) => {
  expect(() => readStackitKey(text)).toThrow(message);
  expect(() => readStackitKey(text)).not.toThrow(/canary/);
});

test("a private key that cannot sign is refused, and the error does not contain it", () => {
  const { privateKey: curve } = generateKeyPairSync("ec", {
    namedCurve: "P-256",
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  });
  const form = (key: string) => () => stackitTokenForm({ ...credentials, privateKey: key }, 0);
  expect(form("canary")).toThrow(
    new StackitKeyError("the private key of the STACKIT service account is not a key in PEM form"),
  );
  expect(form(curve)).toThrow(new StackitKeyError("the private key of the STACKIT service account is not an RSA key"));
});
