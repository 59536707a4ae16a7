import { X509Certificate } from "node:crypto";
import { expect, test } from "vitest";
import { type ClientAuth, CLIENT_AUTH, type Handshake, refusal } from "./client-auth.ts";

const WITHOUT = "client didn't provide a certificate";
const UNKNOWN = "failed to verify certificate: x509: certificate signed by unknown authority";

const certificate = { subjectAltName: "DNS:a.test", validTo: "Jan  1 00:00:00 2030 GMT" } as X509Certificate;
const trusted: Handshake = {
  certificate,
  authorized: true,
  authorizationError: undefined as unknown as Error,
  isResumed: false,
};
const foreign: Handshake = {
  ...trusted,
  authorized: false,
  authorizationError: "UNABLE_TO_VERIFY_LEAF_SIGNATURE" as unknown as Error,
};
const absent: Handshake = { ...foreign, certificate: undefined };

/**
 * For each requirement, the errors for three clients: without a certificate, with a trusted certificate, and with a
 * certificate of an unknown authority.
 */
const EXPECTED: Readonly<Record<ClientAuth, readonly (string | undefined)[]>> = {
  NoClientCert: [undefined, undefined, undefined],
  RequestClientCert: [undefined, undefined, undefined],
  RequireAnyClientCert: [WITHOUT, undefined, undefined],
  RequireClientCert: [WITHOUT, undefined, undefined],
  VerifyClientCertIfGiven: [undefined, undefined, UNKNOWN],
  RequireAndVerifyClientCert: [WITHOUT, undefined, UNKNOWN],
};

test.each(CLIENT_AUTH)("refusal() returns Go's message or undefined under %s", (clientAuth) => {
  const said = [absent, trusted, foreign].map((one) => refusal(one, { clientAuth, allowedSans: undefined }, 0));
  expect(said).toEqual(EXPECTED[clientAuth]);
});

test.each(CLIENT_AUTH.slice(1))(
  "refusal() under %s: a client needs a certificate with one of the allowed names",
  (clientAuth) => {
    const under = (one: Handshake, ...names: readonly string[]): string | undefined =>
      refusal(one, { clientAuth, allowedSans: new Set(names) }, 0);
    expect(under(trusted, "b.test", "a.test")).toBeUndefined();
    expect(under(trusted, "b.test")).toBe("could not find allowed SANs in client cert, found: b.test");
    expect(under(trusted)).toBeDefined();
    expect(under(absent, "a.test")).toBe(WITHOUT);
  },
);

test("refusal() refuses a resumed session whose certificate has expired since", () => {
  const terms = { clientAuth: "VerifyClientCertIfGiven", allowedSans: undefined } as const;
  const resumed = { ...trusted, isResumed: true };
  expect(refusal(resumed, terms, Date.parse("2029-12-31"))).toBeUndefined();
  expect(refusal(resumed, terms, Date.parse("2030-01-02"))).toContain("has expired");
});
