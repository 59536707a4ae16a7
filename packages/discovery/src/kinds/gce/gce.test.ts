import { generateKeyPairSync } from "node:crypto";
import { writeFileSync } from "node:fs";
import { decodeYaml, defaultHttpClient } from "@narthex/config";
import { temporaryFolder } from "@narthex/runtime/testing";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { DiscovererRun } from "../../testing/discoverer-run.ts";
import { failureOf } from "../../testing/one-answer.ts";
import { ServedApi } from "../../testing/served-api.ts";
import type { ServedAnswer } from "../../testing/served-kind.ts";
import { createGceDiscoverer, gceDiscoverer } from "./gce.ts";
import { gceInstance, servedGce } from "./served-gce.ts";

/** Starts the discoverer with an API whose list of instances has this answer. */
async function start(list: (cursor: string) => ServedAnswer, yaml = "project: narthex\nzone: europe-west1-b\n") {
  const others = servedGce.serve(0);
  const api = await ServedApi.start((request) =>
    request.host === "compute.googleapis.com" ? list(request.query.get("pageToken") ?? "") : others(request),
  );
  onTestFinished(() => api[Symbol.asyncDispose]());
  const run = new DiscovererRun(servedGce.discoverer!(api.place(temporaryFolder())), yaml);
  onTestFinished(() => run[Symbol.asyncDispose]());
  return { api, run };
}

const labelsFor = async (instances: readonly unknown[], yaml?: string): Promise<readonly Record<string, string>[]> => {
  const { run } = await start(() => ({ body: { items: instances } }), yaml);
  return (await run.next())[0]!.targets.map((target) => target.toRecord());
};

const RSA_KEY = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ type: "pkcs8", format: "pem" });

const PROJECT = "https://www.googleapis.com/compute/v1/projects/narthex";

test("GCE discovery returns all labels of an instance", async () => {
  expect(await labelsFor([gceInstance(1)])).toEqual([
    {
      __address__: "10.132.0.1:80",
      __meta_gce_instance_id: "712321983746123871",
      __meta_gce_instance_name: "web-1",
      __meta_gce_instance_status: "RUNNING",
      __meta_gce_interface_ipv4_nic0: "10.132.0.1",
      __meta_gce_interface_ipv4_nic1_b: "10.9.0.1",
      __meta_gce_label_env: "prod",
      __meta_gce_label_k8s_io_cluster_name: "c1",
      __meta_gce_machine_type: `${PROJECT}/zones/europe-west1-b/machineTypes/e2-small`,
      __meta_gce_metadata_ssh_keys: "a:b",
      __meta_gce_network: `${PROJECT}/global/networks/default`,
      __meta_gce_private_ip: "10.132.0.1",
      __meta_gce_project: "narthex",
      __meta_gce_public_ip: "198.51.100.1",
      __meta_gce_subnetwork: `${PROJECT}/regions/europe-west1/subnetworks/default`,
      __meta_gce_tags: ",http-server,web,",
      __meta_gce_zone: `${PROJECT}/zones/europe-west1-b`,
    },
  ]);
});

test("GCE discovery skips instances without an interface, and shows a public address only behind a NAT", async () => {
  const direct = gceInstance(7);
  const yaml = "project: narthex\nzone: z\ntag_separator: '|'\nport: 9100\n";
  const [labels, ...more] = await labelsFor([{ ...gceInstance(1), networkInterfaces: [] }, direct], yaml);
  expect(more).toEqual([]);
  expect(labels).toMatchObject({ __address__: "10.132.0.7:9100", __meta_gce_tags: "|http-server|web|" });
  expect(labels).not.toHaveProperty("__meta_gce_public_ip");
});

test("GCE discovery requests one token for all pages, with the scope for reading", async () => {
  const { api, run } = await start((cursor) => ({
    body: cursor === "" ? { nextPageToken: "2" } : { items: [gceInstance(1)] },
  }));
  const [group] = await run.next();
  expect([group!.source, group!.targets.length]).toEqual(["GCE_narthex_europe-west1-b", 1]);
  const [first, ...lists] = api.requests;
  const [, claims] = new URLSearchParams(first!.body).get("assertion")!.split(".");
  expect(JSON.parse(Buffer.from(claims!, "base64url").toString())).toMatchObject({
    iss: "reader@narthex.iam.gserviceaccount.com",
    scope: "https://www.googleapis.com/auth/compute.readonly",
  });
  expect(lists.map(({ query }) => query.toString())).toEqual(["", "pageToken=2"]);
});

test.each<[string, ServedAnswer, string]>([
  ["a refusal", { status: 403, body: { error: "no" } }, ' answered with HTTP status 403 Forbidden: {"error":"no"}'],
  ["text", { body: "no JSON" }, "answer is not JSON: "],
  ["another shape", { body: { items: {} } }, 'field "items" of the answer is of type object, but array is expected'],
  ["a list without an end", { body: { nextPageToken: "1" } }, 'the list does not end: its page "1" came twice'],
])("GCE discovery reports %s, and asks again", async (_, answer, reason) => {
  let answering = answer;
  const { run } = await start(() => answering);
  while (run.logger.lines.length === 0) await run.clock.advance(0);
  const err = String(run.logger.lines[0]!.fields["err"]);
  expect(err).toMatch(/^error retrieving refresh targets from gce: /);
  expect(err).toContain(reason);
  answering = { body: { items: [gceInstance(1)] } };
  const next = run.next();
  await run.clock.advance(60_000);
  expect((await next)[0]!.targets).toHaveLength(1);
});

test.each([
  ["a user", { type: "authorized_user", client_id: "id", client_secret: "canary-s", refresh_token: "1//canary-r" }],
  ["a service account", { type: "service_account", client_email: "a@b", private_key: RSA_KEY }],
])("the error of a token server that repeats the request hides the secrets of %s", async (_, credentials) => {
  const api = await ServedApi.start(({ body }) => ({ status: 400, body: `refused: ${body} ${"a".repeat(60_000)}` }));
  onTestFinished(() => api[Symbol.asyncDispose]());
  const folder = temporaryFolder();
  const credentialsFile = join(folder, "credentials.json");
  writeFileSync(credentialsFile, JSON.stringify(credentials));
  const tls = { ...defaultHttpClient.tls, insecureSkipVerify: true };
  const httpClient = { ...defaultHttpClient, proxyUrl: api.place(folder).url, tls };
  const run = new DiscovererRun(createGceDiscoverer({ credentialsFile, httpClient }), "project: a\nzone: b\n");
  onTestFinished(() => run[Symbol.asyncDispose]());
  const err = await failureOf(run);
  expect(err).toMatch(/^error retrieving refresh targets from gce: failed to get a token from Google: refused: /);
  expect(err).toContain("<secret>");
  expect(err).not.toMatch(/canary|eyJ/);
  expect(err.length).toBeLessThan(1200);
});

test("GCE discovery is not created without credentials", async () => {
  const missing = createGceDiscoverer({ credentialsFile: join(temporaryFolder(), "none.json") });
  const run = new DiscovererRun(missing, "project: a\nzone: b\n");
  await expect(run[Symbol.asyncDispose]()).rejects.toThrow(
    /^error setting up communication with GCE service: ENOENT: .*none\.json/,
  );
});

test.each([
  ["zone: a", "GCE SD configuration requires a project"],
  ["project: a", "GCE SD configuration requires a zone"],
  ["{project: a, zone: b, nope: 1}", "field nope not found in type gce.plain"],
])("GCE discovery refuses %j", (yaml, message) => {
  expect(decodeYaml(yaml, "test.yml", gceDiscoverer.codec)).toMatchObject({ ok: false, problems: [{ message }] });
});
