import { expect, test } from "vitest";
import { Destinations } from "../outgoing/destinations.ts";
import { environmentAt, settingsOf } from "../testing/fake-server.ts";
import { postgresSource } from "./postgres-source.ts";
import { tlsOptions } from "./postgres-tls.ts";

const settings = (jsonData: Readonly<Record<string, unknown>> = {}, url = "db:5432") =>
  settingsOf("postgres", url, { user: "u", jsonData });
const secrets = { tlsCACert: "CA", tlsClientCert: "CERT", tlsClientKey: "KEY" };

test.each([
  ["disable", {}, false],
  ["require", {}, { rejectUnauthorized: false, checkServerIdentity: expect.any(Function) }],
  ["require", secrets, { rejectUnauthorized: true, ca: "CA", cert: "CERT", key: "KEY" }],
  ["verify-ca", {}, { rejectUnauthorized: true, checkServerIdentity: expect.any(Function) }],
  ["verify-full", secrets, { rejectUnauthorized: true, ca: "CA" }],
  ["", {}, { rejectUnauthorized: false }],
])("the TLS mode %j with the secrets %j gives its options", async (sslmode, secureJsonData, expected) => {
  const given = { ...settings({ sslmode, tlsConfigurationMethod: "file-content" }), secureJsonData };
  const options = await tlsOptions(given);
  if (typeof expected === "object") expect(options).toMatchObject(expected);
  else expect(options).toBe(false);
  if (sslmode === "verify-full") expect(options).not.toHaveProperty("checkServerIdentity");
});

test.each(["/nonexistent/ca.pem", "/", "/dev/zero"])("the file %s of a certificate is refused", async (path) => {
  const reading = tlsOptions(settings({ sslmode: "verify-full", sslRootCertFile: path }));
  await expect(reading).rejects.toThrow(
    /^TLS with the data source failed: the file of sslRootCertFile (?:cannot|is not)/,
  );
});

test("wrong settings are refused with the remedy", () => {
  const environment = environmentAt(0);
  expect(() => postgresSource(settings({ sslmode: "on" }), environment)).toThrow("write disable, require, verify-ca");
  expect(() => postgresSource(settingsOf("postgres", "db"), environment)).toThrow("has no user");
});

test.each([
  ["169.254.169.254:5432", {}],
  ["[fe80::1]:5432", {}],
  ["other:5432", { hosts: ["db:5432"] }],
])("the address %s is refused by the rules for destinations", (url, rules) => {
  const environment = environmentAt(0, { destinations: new Destinations(rules) });
  expect(() => postgresSource(settings({}, url), environment)).toThrow(/refused|whitelist/);
});

test("a permitted address is accepted, and no connection is opened before the first query", async () => {
  const environment = environmentAt(0, { destinations: new Destinations({ hosts: ["DB:5432"] }) });
  const source = postgresSource(settings(), environment);
  // Without this method, people with a limit may not query the source.
  expect("limitedTo" in source).toBe(false);
  await source.close();
});
