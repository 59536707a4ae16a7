import { expect, test } from "vitest";
import { decodeYaml } from "../decode/decode.ts";
import { formatProblem } from "../problem.ts";
import { httpClientSection } from "./http-client-section.ts";

const section = httpClientSection({ enableHttp2: true });
const OAUTH2 = "client_id: c, token_url: 'http://a'";

test.each([
  ["basic_auth: {username_ref: x}", "username", "username_file"],
  ["basic_auth: {username: u, password_ref: x}", "password", "password_file"],
  ["authorization: {credentials_ref: x}", "credentials", "credentials_file"],
  [`oauth2: {${OAUTH2}, client_secret_ref: x}`, "client secret", "client_secret_file"],
  [
    `oauth2: {${OAUTH2}, grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer", client_certificate_key_ref: x}`,
    "client certificate",
    "client_certificate_key_file",
  ],
  ["tls_config: {ca_ref: x}", "CA cert", "ca_file"],
  ["tls_config: {cert_ref: x, key_file: k}", "client cert", "cert_file"],
  ["tls_config: {cert_file: c, key_ref: x}", "client key", "key_file"],
])("{%s} is refused, because it refers to a secret manager and none is supported", (fields, what, file) => {
  const decoded = decodeYaml(`{${fields}}`, "p.yml", section);
  const hint = `there is no secret manager: write the secret to a file and name it as ${file}`;
  const column = fields.lastIndexOf("x") + 2;
  expect(decoded.ok ? [] : decoded.problems.map(formatProblem)).toEqual([
    `p.yml:1:${column}: unable to use ${what}: cannot use secret ref without manager; ${hint}`,
  ]);
});

test("an empty reference counts as absent", () => {
  expect(decodeYaml("{basic_auth: {username: u, password_ref: ''}}", "p.yml", section).ok).toBe(true);
});
