import { generateKeyPairSync } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { decodeYaml } from "@narthex/config";
import { temporaryFolder } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { labelsOf, refreshError, startWith, targetsOf } from "../../testing/one-answer.ts";
import type { ServedAnswer, ServedRequest } from "../../testing/served-kind.ts";
import { createStackitDiscoverer, stackitDiscoverer } from "./stackit.ts";

const { privateKey } = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
  publicKeyEncoding: { type: "spki", format: "pem" },
});
const credentials = { kid: "kid", iss: "iss", sub: "sub", aud: "aud" };
const keyWith = (more: object): string => JSON.stringify({ credentials: { ...credentials, ...more } });

const server = {
  id: "server-id",
  name: "runner",
  availabilityZone: "eu01-3",
  status: "ACTIVE",
  powerStatus: "RUNNING",
  machineType: "t1.1",
  nics: [
    { networkName: "no address" },
    { networkName: "my net", ipv4: "10.0.0.1" },
    { networkName: "two", ipv4: "10.0.1.1", publicIp: "192.0.2.1" },
    { networkName: "three", publicIp: "192.0.2.2" },
  ],
  labels: { "env/team": "prod", empty: "", number: 1 },
};

const withToken = (url: string): string => `endpoint: ${url}/\nproject: p\nbearer_token: own\n`;

test("a server has all labels", async () => {
  expect(await targetsOf(stackitDiscoverer, withToken, { body: { items: [server] } })).toEqual([
    {
      __address__: "192.0.2.1:80",
      __meta_stackit_availability_zone: "eu01-3",
      __meta_stackit_id: "server-id",
      __meta_stackit_label_env_team: "prod",
      __meta_stackit_labelpresent_empty: "true",
      __meta_stackit_labelpresent_env_team: "true",
      __meta_stackit_name: "runner",
      __meta_stackit_power_status: "RUNNING",
      __meta_stackit_private_ipv4_my_net: "10.0.0.1",
      __meta_stackit_private_ipv4_two: "10.0.1.1",
      __meta_stackit_project: "p",
      __meta_stackit_public_ipv4: "192.0.2.1",
      __meta_stackit_status: "ACTIVE",
      __meta_stackit_type: "t1.1",
    },
  ]);
});

test("without a service account the credentials of the section are sent, and servers without address are no targets", async () => {
  const items = [
    { id: "1", nics: null },
    { id: "2", nics: [{}] },
    { id: "3", nics: [{ networkName: "n", ipv4: "10.0.0.3" }] },
  ];
  const { api, run } = await startWith(stackitDiscoverer, withToken, { body: { items } });
  expect((await labelsOf(run)).map(({ __address__ }) => __address__)).toEqual(["10.0.0.3:80"]);
  expect(
    api.requests.map(({ path, query, headers }) => `${path}?${query.toString()} ${headers.authorization}`),
  ).toEqual(["/v1/projects/p/servers?details=true Bearer own"]);
});

/** Issues tokens `token-1`, `token-2`, … for one minute, and accepts the newest. */
function issuing(): (request: ServedRequest) => ServedAnswer {
  let issued = 0;
  return ({ host, headers }) => {
    if (host === "service-account.api.stackit.cloud")
      return { body: { access_token: `token-${++issued}`, expires_in: 600, token_type: "Bearer" } };
    if (headers.authorization !== `Bearer token-${issued}`) return { status: 401 };
    return { body: { items: [server] } };
  };
}

const withAccount =
  (lines: string) =>
  (_: string, viaProxy: string): string =>
    `project: p\nbearer_token: other\n${lines}\n${viaProxy}`;

test("a token is used until shortly before its end, and again requested if the service refuses it", async () => {
  const { api, run } = await startWith(
    stackitDiscoverer,
    withAccount(`service_account_key: ${JSON.stringify(keyWith({ privateKey }))}`),
    issuing(),
  );
  await run.next();
  const issues = (): number => api.requests.filter(({ host }) => host.startsWith("service-account")).length;
  for (let i = 0; i < 5; i++) await run.advanceToNext();
  expect(issues()).toBe(1);
  for (let i = 0; i < 5; i++) await run.advanceToNext();
  expect(issues()).toBe(2);
  api.answer = issuing();
  const before = api.requests.length;
  await run.advanceToNext();
  expect(api.requests.slice(before).map(({ path }) => path)).toEqual([
    "/v1/projects/p/servers",
    "/token",
    "/v1/projects/p/servers",
  ]);
  expect(JSON.stringify(run.logger.lines)).toContain("401 Unauthorized");
});

test("the private key comes from the section, the environment or the file with credentials", async () => {
  const folder = temporaryFolder();
  const file = join(folder, "private.pem");
  writeFileSync(file, privateKey);
  mkdirSync(join(folder, ".stackit"));
  writeFileSync(join(folder, ".stackit", "credentials.json"), JSON.stringify({ STACKIT_PRIVATE_KEY_PATH: file }));
  writeFileSync(join(folder, "key.json"), keyWith({}));
  const account = `service_account_key_path: ${join(folder, "key.json")}`;
  const cases = [
    { env: {}, lines: `private_key: ${JSON.stringify(privateKey)}` },
    { env: {}, lines: `private_key_path: ${file}` },
    { env: { STACKIT_PRIVATE_KEY: privateKey }, lines: "" },
    { env: { STACKIT_PRIVATE_KEY_PATH: file }, lines: "" },
    { env: { HOME: folder }, lines: "" },
    { env: { STACKIT_CREDENTIALS_PATH: join(folder, ".stackit", "credentials.json") }, lines: "" },
    { env: {}, lines: `credentials_file_path: ${join(folder, ".stackit", "credentials.json")}` },
  ];
  for (const { env, lines } of cases) {
    const discoverer = createStackitDiscoverer(env);
    expect(await targetsOf(discoverer, withAccount(`${account}\n${lines}`), issuing())).toHaveLength(1);
  }
});

test("the key in the section has precedence over the key in a file, unless it is empty", async () => {
  const path = join(temporaryFolder(), "key.json");
  writeFileSync(path, keyWith({ privateKey }));
  const inFile = withAccount(`service_account_key: ""\nservice_account_key_path: ${path}`);
  expect(await targetsOf(stackitDiscoverer, inFile, issuing())).toHaveLength(1);
  writeFileSync(path, "no key");
  const key = JSON.stringify(keyWith({ privateKey }));
  const both = withAccount(`service_account_key: ${key}\nservice_account_key_path: ${path}`);
  expect(await targetsOf(stackitDiscoverer, both, issuing())).toHaveLength(1);
});

test("a token service that repeats the request does not reveal the signed assertion", async () => {
  const lines = `service_account_key: ${JSON.stringify(keyWith({ privateKey }))}`;
  const err = await refreshError(stackitDiscoverer, withAccount(lines), ({ body }) => ({
    status: 400,
    body: `refused: ${body.slice(body.indexOf("assertion="))}`,
  }));
  expect(err).toContain("refused: assertion=<secret>");
  expect(err).not.toContain("eyJ");
});

test.each([
  ['service_account_key: "{canary"', "the STACKIT service account key is not JSON"],
  [
    `service_account_key: ${JSON.stringify(keyWith({}))}`,
    "private key is not part of the service account key, and no other place has one: " +
      "open /nowhere/.stackit/credentials.json: no such file or directory",
  ],
  [
    "service_account_key_path: /nowhere/key",
    "unable to read service account key file /nowhere/key: open /nowhere/key: no such file or directory",
  ],
])("%s fails the refresh", async (lines, message) => {
  const discoverer = createStackitDiscoverer({ HOME: "/nowhere" });
  expect(await refreshError(discoverer, withAccount(lines), issuing())).toBe(message);
});

test("an answer without a token fails the refresh", async () => {
  const lines = `service_account_key: ${JSON.stringify(keyWith({ privateKey }))}`;
  expect(await refreshError(stackitDiscoverer, withAccount(lines), { body: {} })).toBe(
    "the answer of STACKIT's token service has no access_token",
  );
});

test.each([
  ['region: ""', "stackit_sd: endpoint and region missing"],
  [
    'endpoint: "http://u:canary@[a"',
    'stackit_sd: invalid endpoint "http://u:xxxxx@[a": parse "http://u:xxxxx@[a": missing \']\' in host',
  ],
  ["nope: 1", "field nope not found in type stackit.plain"],
])("%j is refused", (yaml, message) => {
  expect(decodeYaml(yaml, "test.yml", stackitDiscoverer.codec)).toMatchObject({ ok: false, problems: [{ message }] });
});
