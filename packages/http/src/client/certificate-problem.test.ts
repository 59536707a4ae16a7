import { X509Certificate } from "node:crypto";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { TLSSocket } from "node:tls";
import { temporaryFolder } from "@narthex/runtime/testing";
import { hasOpenssl } from "@narthex/tls/testing";
import { expect, test } from "vitest";
import { certificateProblem } from "./certificate-problem.ts";

const folder = temporaryFolder();

/** Returns a simulated TLS connection whose peer sent a certificate for the given names. */
function connection(names: string | undefined, authorizationError?: string): TLSSocket {
  const out = join(folder, "cert.pem");
  const extension = names === undefined ? [] : ["-addext", `subjectAltName=${names}`];
  const key = [
    "-newkey",
    "ec",
    "-pkeyopt",
    "ec_paramgen_curve:prime256v1",
    "-nodes",
    "-keyout",
    join(folder, "key.pem"),
  ];
  const subject = ["-subj", "/CN=old.example", ...extension];
  execFileSync("openssl", ["req", "-x509", ...key, ...subject, "-days", "1", "-out", out], { stdio: "ignore" });
  const certificate = new X509Certificate(readFileSync(out));
  const said = { authorized: authorizationError === undefined, authorizationError };
  return { getPeerX509Certificate: () => certificate, ...said } as unknown as TLSSocket;
}

const problem = (socket: TLSSocket, name: string, days = 0): string | undefined => {
  const { validFrom } = socket.getPeerX509Certificate()!;
  return certificateProblem(socket, name, Date.parse(validFrom) + days * 86_400_000)?.message;
};

const x509 = "tls: failed to verify certificate: x509: ";

test.skipIf(!hasOpenssl())("only alternative names of a certificate count as its names", () => {
  const named = connection("DNS:a.example,DNS:*.b.example,IP:127.0.0.1,IP:::1");
  for (const name of ["a.example", "A.example", "x.b.example", "127.0.0.1", "::1"]) {
    expect(problem(named, name)).toBeUndefined();
  }
  expect(problem(named, "old.example")).toBe(`${x509}certificate is valid for a.example, *.b.example, not old.example`);
  expect(problem(named, "127.0.0.2")).toBe(`${x509}certificate is valid for 127.0.0.1, ::1, not 127.0.0.2`);
  expect(problem(connection("DNS:a"), "::1")).toBe(
    `${x509}cannot validate certificate for ::1 because it doesn't contain any IP SANs`,
  );
  const old = connection(undefined);
  expect(problem(old, "old.example")).toBe(`${x509}certificate relies on legacy Common Name field, use SANs instead`);
  expect(problem(old, "b")).toBe(`${x509}certificate is not valid for any names, but wanted to match b`);
});

test.skipIf(!hasOpenssl())("the validity period is checked before names, and names before the issuer", () => {
  const stranger = connection("DNS:a", "SELF_SIGNED_CERT_IN_CHAIN");
  expect(problem(stranger, "b", 2)).toMatch(/ not yet valid: current time \S+ is after \d{4}-\d\d-\d\dT[\d:]{8}Z$/);
  expect(problem(stranger, "b", -1)).toMatch(/ not yet valid: current time \S+ is before \d{4}-\d\d-\d\dT[\d:]{8}Z$/);
  expect(problem(stranger, "b")).toBe(`${x509}certificate is valid for a, not b`);
  expect(problem(stranger, "a")).toBe(`${x509}certificate signed by unknown authority`);
  expect(problem(connection("DNS:a", "ERR_TLS_CERT_ALTNAME_INVALID"), "a")).toBeUndefined();
});

test("a missing certificate is not trusted", () => {
  const bare = { getPeerX509Certificate: () => undefined } as unknown as TLSSocket;
  expect(certificateProblem(bare, "a", 0)?.message).toBe(`${x509}no certificate was sent`);
});
