import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { loadClusterTls } from "./cluster-tls.ts";

const folder = mkdtempSync(join(tmpdir(), "cluster-tls-"));

function load(text: string) {
  const path = join(folder, "tls.yml");
  writeFileSync(path, text);
  return loadClusterTls(path);
}

test.each([
  ["", "missing 'tls_server_config' entry in the TLS configuration"],
  ["tls_server_config: {}\ntls_client_config:\n", "missing 'tls_client_config' entry in the TLS configuration"],
  ["foo: 1\n", "field foo not found in type cluster.TLSTransportConfig"],
  ["tls_server_config: {certfile: x}\n", "field certfile not found in type web.TLSConfig"],
  ["tls_server_config: {client_auth_type: Sometimes}\n", "invalid ClientAuth: Sometimes"],
])("the file %j is refused", (text, message) => {
  expect(() => load(text)).toThrow(message);
});

test("a file that is not there, and material that is not there, are named", () => {
  expect(() => loadClusterTls(join(folder, "nope.yml"))).toThrow(/^open .*nope\.yml: no such file or directory$/);
  const tls = load("tls_server_config: {cert_file: x.pem, key_file: y.pem}\n");
  expect(() => tls.server()).toThrow(
    `tls transport: invalid TLS server config: failed to read cert_file (${join(folder, "x.pem")}): open ${join(folder, "x.pem")}: no such file or directory`,
  );
});

test("material and rules of both sides reach the connection", () => {
  writeFileSync(join(folder, "ca.pem"), "CA");
  const tls = load(`
tls_server_config: {cert: C, key: K, client_auth_type: RequireAndVerifyClientCert, client_ca_file: ca.pem, min_version: TLS13}
tls_client_config: {ca_file: ca.pem, cert: c, key: k, server_name: am, insecure_skip_verify: true}
`);
  expect(tls.server()).toEqual({
    cert: "C",
    key: "K",
    ca: "CA",
    minVersion: "TLSv1.3",
    maxVersion: "TLSv1.3",
    requestCert: true,
    rejectUnauthorized: true,
  });
  expect(tls.client()).toEqual({ ca: "CA", cert: "c", key: "k", servername: "am", rejectUnauthorized: false });
});
