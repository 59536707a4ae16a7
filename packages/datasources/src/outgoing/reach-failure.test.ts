import { expect, test } from "vitest";
import { reachFailure } from "./reach-failure.ts";

const errorOf = (message: string, code: string): Error => Object.assign(new Error(message), { code });

/** Returns the error of the HTTP client for a certificate that it does not trust. */
const x509 = (problem: string): Error => new Error(`tls: failed to verify certificate: x509: ${problem}`);

test.each([
  [x509("cannot validate certificate for 10.1.2.3 because it doesn't contain any IP SANs"), "write this name"],
  [x509("certificate is valid for a.example, not 10.1.2.3"), "write this name"],
  [x509("certificate is not valid for any names, but wanted to match 10.1.2.3"), "write this name"],
  [x509("certificate relies on legacy Common Name field, use SANs instead"), "write this name"],
  [x509("certificate signed by unknown authority"), "authority's certificate"],
  [x509("certificate has expired or is not yet valid: current time 2026 is after 2025"), "has expired; renew it"],
  [x509("certificate has expired or is not yet valid: current time 2026 is before 2027"), "check the clocks"],
  [x509("the certificate of the authority has expired or is not yet valid"), "authority has expired; renew it"],
  [errorOf("Hostname/IP does not match certificate's altnames: IP: 10.1.2.3", "ERR_TLS_CERT_ALTNAME_INVALID"), "name"],
  [errorOf("self-signed certificate in certificate chain", "SELF_SIGNED_CERT_IN_CHAIN"), "authority's certificate"],
  [errorOf("unable to verify the first certificate", "UNABLE_TO_VERIFY_LEAF_SIGNATURE"), "authority's certificate"],
  [errorOf("certificate has expired", "CERT_HAS_EXPIRED"), "has expired"],
  [errorOf("ssl3_get_record:wrong version number", "EPROTO"), "write http instead of https"],
])("of a server over HTTP, %s is a problem of TLS with its remedy, and without the address", (error, remedy) => {
  const { message, status } = reachFailure(error);
  expect(message).toMatch(/^TLS with the data source failed: /);
  expect(message).toContain(remedy);
  expect(message).not.toContain("10.1.2.3");
  expect(status).toBe(502);
});
