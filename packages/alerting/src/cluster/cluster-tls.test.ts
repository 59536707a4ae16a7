import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { systemClock } from "@narthex/runtime";
import { memoryLogger, temporaryFolder } from "@narthex/runtime/testing";
import { hasOpenssl } from "@narthex/tls/testing";
import { expect, test } from "vitest";
import { ClusterTls, readClusterTls } from "./cluster-tls.ts";

const folder = temporaryFolder();
const path = join(folder, "tls.yml");

function read(text: string) {
  writeFileSync(path, text);
  return readClusterTls(path);
}

const open = () => new ClusterTls(path, { clock: systemClock, logger: memoryLogger() });

test.each([
  ["", "missing 'tls_server_config' entry in the TLS configuration"],
  ["tls_server_config: {}\ntls_client_config:\n", "missing 'tls_client_config' entry in the TLS configuration"],
  ["foo: 1\n", "tls.yml:1:1: field foo not found in type cluster.TLSTransportConfig"],
  ["tls_server_config: {certfile: x}\n", "tls.yml:1:21: field certfile not found in type web.TLSConfig"],
  ["tls_server_config: {client_auth_type: Sometimes}\n", "invalid ClientAuth: Sometimes"],
])("the file %j is refused", (text, message) => {
  expect(() => read(text)).toThrow(message);
});

test("a missing file, and missing key material, are named", () => {
  expect(() => readClusterTls(join(folder, "nope.yml"))).toThrow(/^open .*nope\.yml: no such file or directory$/);
  read("tls_server_config: {cert_file: x.pem, key_file: y.pem}\n");
  const missing = join(folder, "x.pem");
  expect(open).toThrow(
    `tls transport: invalid TLS server config: ${path}:1:32: failed to read cert_file (${missing}): open ${missing}: no such file or directory`,
  );
  read("tls_server_config: {}\n");
  expect(open).toThrow("tls transport: invalid TLS server config: TLS config is not present");
});

test.skipIf(!hasOpenssl())(
  "both sides follow the file; an invalid change is logged, and the earlier content stays in use",
  () => {
    const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
    const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
    const files = ["-keyout", key, "-out", cert];
    execFileSync("openssl", ["req", "-x509", ...curve, "-days", "1", "-subj", "/CN=a", ...files], { stdio: "ignore" });
    const text = `
tls_server_config: {cert_file: cert.pem, key_file: key.pem, client_auth_type: RequireAndVerifyClientCert, client_ca_file: cert.pem}
tls_client_config: {ca_file: cert.pem, cert_file: cert.pem, key_file: key.pem, server_name: am, insecure_skip_verify: true}
`;
    read(text);
    const tls = open();
    const pem = { cert: readFileSync(cert, "utf8"), key: readFileSync(key, "utf8") };
    const first = tls.terms();
    expect(first).toMatchObject({ clientAuth: "RequireAndVerifyClientCert", options: { ...pem, ca: pem.cert } });
    expect(tls.client()).toEqual({ ...pem, ca: pem.cert, servername: "am", rejectUnauthorized: false });
    expect(tls.terms()).toBe(first);
    writeFileSync(path, text.replace("server_name: am", "server_name: other"));
    expect(tls.client()).toMatchObject({ servername: "other" });
    writeFileSync(path, text.replace("client_ca_file: cert.pem", "client_ca_file: key.pem"));
    expect(tls.terms()).toMatchObject({ clientAuth: "RequireAndVerifyClientCert", options: { ca: pem.cert } });
    expect(tls.problem()).toMatch(/tls\.yml:2:123: client_ca_file holds no certificate/);
    expect(tls.refusals).toBe(1);
    writeFileSync(path, text);
    expect(tls.problem()).toBeUndefined();
  },
);
