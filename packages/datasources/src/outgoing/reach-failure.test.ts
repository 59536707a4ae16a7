import { expect, test } from "vitest";
import { reachFailure } from "./reach-failure.ts";

const errorOf = (message: string, code: string): Error => Object.assign(new Error(message), { code });

test.each([
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
