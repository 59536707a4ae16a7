import { execFileSync } from "node:child_process";
import { createPublicKey, verify } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { AzureAdConfig } from "@narthex/config";
import { Secret } from "@narthex/config";
import { temporaryFolder } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import type { CloudTransport } from "../client/cloud-transport.ts";
import { azureTokens } from "./azure-tokens.ts";

const [TENANT, CLIENT] = ["11111111-1111-1111-1111-111111111111", "22222222-2222-2222-2222-222222222222"];
const folder = temporaryFolder();

const NONE: AzureAdConfig = {
  managedIdentity: undefined,
  workloadIdentity: undefined,
  oauth: undefined,
  sdk: undefined,
  certificate: undefined,
  cloud: "AzurePublic",
  scope: "",
};

interface Asked {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly form: URLSearchParams;
}

/** Simulates Azure's token server, which returns a token for each request or refuses the request. */
class Azure {
  readonly asked: Asked[] = [];
  isRefusing = false;
  /** Returns the reason of a refusal. */
  refusal = (_body: string): string => "AADSTS7000215: Invalid client secret provided.";

  readonly send: CloudTransport = async (url, { headers, body = "" }) => {
    this.asked.push({ url, headers, form: new URLSearchParams(body) });
    const refusal = { error: "invalid_client", error_description: this.refusal(body) };
    const token = { token_type: "Bearer", expires_in: 3600, access_token: `token ${this.asked.length}` };
    const text = JSON.stringify(this.isRefusing ? refusal : token);
    return { headers: {}, status: this.isRefusing ? 401 : 200, text };
  };
}

const oauth = { clientId: CLIENT, clientSecret: new Secret("s3cret"), tenantId: TENANT };

test.each([
  ["AzurePublic", "https://login.microsoftonline.com", "https://monitor.azure.com//.default"],
  ["AzureChina", "https://login.partner.microsoftonline.cn", "https://monitor.azure.cn//.default"],
  ["AzureGovernment", "https://login.microsoftonline.us", "https://monitor.azure.us//.default"],
])("an application of %s authenticates with its secret, once while its token is valid", async (cloud, login, scope) => {
  const azure = new Azure();
  const token = azureTokens({ ...NONE, oauth, cloud }, { env: {}, send: azure.send });
  expect([await token(), await token()]).toEqual(["token 1", "token 1"]);
  expect(azure.asked).toHaveLength(1);
  const { url, form } = azure.asked[0]!;
  expect(url.split("?")[0]).toBe(`${login}/${TENANT}/oauth2/v2.0/token`);
  expect(form.get("grant_type")).toBe("client_credentials");
  expect([form.get("client_id"), form.get("client_secret")]).toEqual([CLIENT, "s3cret"]);
  expect(form.get("scope")!.split(" ")).toContain(scope);
});

test("a refusal is reported, and the next request asks again", async () => {
  const azure = new Azure();
  azure.isRefusing = true;
  const token = azureTokens({ ...NONE, oauth }, { env: {}, send: azure.send });
  await expect(token()).rejects.toThrow(/^failed to get a token from Azure: .*AADSTS7000215/);
  azure.isRefusing = false;
  expect(await token()).toBe("token 2");
});

test("calls at the same time share one request for a token", async () => {
  const azure = new Azure();
  const token = azureTokens({ ...NONE, oauth }, { env: {}, send: azure.send });
  expect(await Promise.all([token(), token(), token()])).toEqual(["token 1", "token 1", "token 1"]);
  expect(azure.asked).toHaveLength(1);
});

test("the error of a refused request does not repeat its secret, and is short", async () => {
  const azure = new Azure();
  azure.isRefusing = true;
  azure.refusal = (body) => `${body} ${"a".repeat(60_000)}`;
  const error = await azureTokens({ ...NONE, oauth }, { env: {}, send: azure.send })().catch(String);
  expect(error).toContain("client_secret=<secret>");
  expect(error).not.toContain("s3cret");
  expect(error).toHaveLength("Error: failed to get a token from Azure: ".length + 1001);
});

test("a workload sends the token of its file, and may request another scope", async () => {
  const azure = new Azure();
  const tokenFilePath = join(folder, "token");
  writeFileSync(tokenFilePath, "from kubernetes\n");
  const workloadIdentity = { clientId: CLIENT, tenantId: TENANT, tokenFilePath };
  const token = azureTokens({ ...NONE, workloadIdentity, scope: "api://mine/.default" }, { env: {}, send: azure.send });
  expect(await token()).toBe("token 1");
  const { form } = azure.asked[0]!;
  expect(form.get("client_assertion")).toBe("from kubernetes");
  expect(form.get("scope")!.split(" ")).toContain("api://mine/.default");
});

test("a certificate signs the assertion; its key may have a password", async () => {
  const [key, certificate] = [join(folder, "key.pem"), join(folder, "certificate.pem")];
  const of = ["req", "-x509", "-newkey", "rsa:2048", "-days", "2", "-subj", "/CN=a", "-passout", "pass:pw"];
  execFileSync("openssl", [...of, "-keyout", key, "-out", certificate], { stdio: "ignore" });
  const azure = new Azure();
  const config = {
    clientId: CLIENT,
    tenantId: TENANT,
    certificatePath: certificate,
    certificateKeyPath: key,
    certificatePassword: new Secret("pw"),
    sendCertificateChain: false,
  };
  expect(await azureTokens({ ...NONE, certificate: config }, { env: {}, send: azure.send })()).toBe("token 1");
  const [head, claims, signature] = azure.asked[0]!.form.get("client_assertion")!.split(".");
  const { alg } = JSON.parse(Buffer.from(head!, "base64url").toString()) as { alg: string };
  expect(alg).toBe("PS256");
  const { iss, aud } = JSON.parse(Buffer.from(claims!, "base64url").toString()) as Record<string, string>;
  expect([iss, aud]).toEqual([CLIENT, `https://login.microsoftonline.com/${TENANT}/oauth2/v2.0/token`]);
  const publicKey = createPublicKey(readFileSync(certificate));
  const pss = { key: publicKey, padding: 6, saltLength: 32 };
  expect(verify("sha256", Buffer.from(`${head}.${claims}`), pss, Buffer.from(signature!, "base64url"))).toBe(true);
  azure.isRefusing = true;
  azure.refusal = (body) => body;
  const refused = await azureTokens(
    { ...NONE, certificate: config, scope: "api://a/.default" },
    { env: {}, send: azure.send },
  )().catch(String);
  expect(refused).toContain("client_assertion=<secret>");
  await expect(
    azureTokens({ ...NONE, certificate: { ...config, certificatePath: key } }, { env: {}, send: azure.send })(),
  ).rejects.toThrow(/contains no certificate in PEM; create one with: openssl pkcs12/);
});

/**
 * Simulated Azure server for a managed identity. The library remembers the source of the first managed identity, so
 * this test must run first.
 */
const machine = new Azure();

test("the token of a managed identity comes from the machine's service", async () => {
  const azure = machine;
  const managedIdentity = { clientId: CLIENT };
  expect(await azureTokens({ ...NONE, managedIdentity }, { env: {}, send: azure.send })()).toBe("token 1");
  const { url, headers } = azure.asked[0]!;
  const { host, searchParams } = new URL(url);
  expect(host).toBe("169.254.169.254");
  expect([searchParams.get("client_id"), searchParams.get("resource")]).toEqual([CLIENT, "https://monitor.azure.com/"]);
  expect(Object.entries(headers).map(([name, value]) => `${name.toLowerCase()}: ${value}`)).toContain("metadata: true");
});

test("with Azure's default credentials, environment variables have precedence", async () => {
  const env = { AZURE_CLIENT_ID: CLIENT, AZURE_TENANT_ID: "another", AZURE_CLIENT_SECRET: "of the environment" };
  const azure = new Azure();
  expect(await azureTokens({ ...NONE, sdk: { tenantId: TENANT } }, { env, send: azure.send })()).toBe("token 1");
  expect(azure.asked[0]!.url).toContain(TENANT);
  expect(azure.asked[0]!.form.get("client_secret")).toBe("of the environment");
  await azureTokens(
    { ...NONE, sdk: { tenantId: "" }, scope: "api://other/.default" },
    { env: {}, send: machine.send },
  )();
  expect(machine.asked.at(-1)!.url).toContain("169.254.169.254");
  expect(new URL(machine.asked.at(-1)!.url).searchParams.get("resource")).toBe("api://other");
});
