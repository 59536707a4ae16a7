import { expect, test } from "vitest";
import { settingsOf } from "../testing/fake-server.ts";
import { cloudSigner } from "./cloud-signer.ts";

const signerOf = (jsonData: Readonly<Record<string, unknown>>, secureJsonData: Readonly<Record<string, string>> = {}) =>
  cloudSigner({ ...settingsOf("prometheus", "http://p"), jsonData, secureJsonData }, {});

test("requests are signed only for a cloud in the settings", () => {
  expect(signerOf({})).toBeUndefined();
  expect(signerOf({ sigV4Auth: false, azureCredentials: {} })).toBeUndefined();
});

test("requests for AWS have a signature with the key of the settings, the region and the service of Prometheus", async () => {
  const keys = { sigV4AccessKey: "AKID", sigV4SecretKey: "secret" };
  const sign = signerOf({ sigV4Auth: true, sigV4AuthType: "keys", sigV4Region: "eu-west-1" }, keys)!;
  const headers = await sign({
    method: "GET",
    url: new URL("https://aps.example/api?a=b"),
    headers: {},
    body: undefined,
  });
  expect(headers["authorization"]).toMatch(/^AWS4-HMAC-SHA256 Credential=AKID\/\d{8}\/eu-west-1\/aps\/aws4_request, /);
  expect(JSON.stringify(headers)).not.toContain("secret");
});

test("keys of the settings are not used if the settings name another way to sign in", async () => {
  const keys = { sigV4AccessKey: "AKID", sigV4SecretKey: "secret" };
  const sign = signerOf(
    { sigV4Auth: true, sigV4AuthType: "credentials", sigV4Region: "r", sigV4Profile: "none" },
    keys,
  )!;
  const request = { method: "GET", url: new URL("https://aps.example/"), headers: {}, body: undefined };
  await expect(sign(request)).rejects.toThrow();
});

test.each([
  [
    { sigV4Auth: true, sigV4AuthType: "magic" },
    'sigV4AuthType of data source "Source" is "magic"; write default, keys',
  ],
  [{ azureCredentials: { authType: "magic" } }, 'authType of data source "Source" is "magic"; write clientsecret'],
  [{ azureCredentials: { authType: "msi", azureCloud: "Moon" } }, 'azureCloud of data source "Source" is "Moon"'],
])("settings %j are refused with the remedy", (jsonData, problem) => {
  expect(() => signerOf(jsonData)).toThrow(problem);
});
