import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
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

test("without paths of files, the certificates in the settings are used", async () => {
  const given = { ...settings({ sslmode: "verify-full" }), secureJsonData: secrets };
  expect(await tlsOptions(given)).toMatchObject({ ca: "CA", cert: "CERT", key: "KEY" });
});

test("files of certificates are only read for sources from provisioning files", async () => {
  const path = import.meta.filename;
  const given = settings({ sslmode: "verify-full", sslRootCertFile: path });
  await expect(tlsOptions(given)).rejects.toThrow("define such a source in a provisioning file");
  expect(await tlsOptions({ ...given, isProvisioned: true })).toMatchObject({ ca: expect.stringContaining("import") });
});

test("each file that is no certificate is refused with the same message, and none blocks", async () => {
  const folder = mkdtempSync(join(tmpdir(), "narthex-tls-"));
  const pipe = join(folder, "pipe");
  execFileSync("mkfifo", [pipe]);
  for (const path of ["/nonexistent/ca.pem", "/", "/dev/zero", pipe]) {
    const given = settings({ sslmode: "verify-full", sslRootCertFile: path });
    // oxlint-disable-next-line no-await-in-loop -- the message names the file that fails
    await expect(tlsOptions({ ...given, isProvisioned: true })).rejects.toThrow(
      "TLS with the data source failed: the file of sslRootCertFile cannot be read; it must be a file of at most 1 MiB",
    );
  }
  rmSync(folder, { recursive: true });
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
  // A source without `limitedTo` refuses people who may read only some series.
  expect("limitedTo" in source).toBe(false);
  await source.close();
});
