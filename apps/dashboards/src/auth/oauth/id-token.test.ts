import { generateKeyPair, SignJWT } from "jose";
import { expect, test } from "vitest";
import { idTokenClaims } from "./id-token.ts";

const SECONDS = 1_800_000_000;

test.each<[what: string, claims: object, isAccepted: boolean]>([
  ["for this client and sign-in", {}, true],
  ["for several clients", { aud: ["other", "us"] }, true],
  ["for another client", { aud: "other" }, false],
  ["for no client", { aud: undefined }, false],
  ["for another sign-in", { nonce: "other" }, false],
  ["without a nonce", { nonce: undefined }, true],
  ["without a time of expiry", { exp: undefined }, true],
  ["that expired 59 seconds ago", { exp: SECONDS - 59 }, true],
  ["that expired a minute ago", { exp: SECONDS - 60 }, false],
])(
  "an ID token %s is accepted or refused, with and without the provider's keys: %j",
  async (_what, claims, isAccepted) => {
    const { privateKey, publicKey } = await generateKeyPair("ES256");
    const signed = new SignJWT({ aud: "us", nonce: "n", exp: SECONDS + 600, ...claims }).setProtectedHeader({
      alg: "ES256",
    });
    const token = await signed.sign(privateKey);
    for (const keys of [undefined, () => Promise.resolve(publicKey)]) {
      const found = idTokenClaims(token, { keys, clientId: "us", nonce: "n", now: SECONDS * 1000 });
      expect(
        await found.then(
          () => true,
          ({ problem }) => problem,
        ),
      ).toBe(isAccepted ? true : "provider-refused");
    }
  },
);
