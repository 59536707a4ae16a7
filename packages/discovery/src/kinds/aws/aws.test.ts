import { decodeYaml } from "@narthex/config";
import { assumeRoleXml } from "@narthex/http/testing";
import { expect, onTestFinished, test } from "vitest";
import type { Discoverer } from "../../discoverer.ts";
import { DiscovererRun } from "../../testing/discoverer-run.ts";
import { KEYS, simulatedAws } from "../../testing/aws-run.ts";
import { failureOf } from "../../testing/one-answer.ts";
import { defineAwsRoles } from "./aws.ts";
import { defineAws } from "./aws-kind.ts";
import { concurrencyOf } from "./clustered-account.ts";
import { ecsKind } from "./ecs/ecs.ts";
import { elasticacheKind } from "./elasticache/elasticache.ts";
import { lightsailKind } from "./lightsail/lightsail.ts";
import { mskKind } from "./msk/msk.ts";
import { rdsKind } from "./rds/rds.ts";

function start(discoverer: Discoverer, yaml: string): DiscovererRun {
  const run = new DiscovererRun(discoverer, yaml);
  onTestFinished(() => run[Symbol.asyncDispose]());
  return run;
}

test.each([
  ["ec2", "a"],
  ["lightsail", "a"],
  ["ecs", ""],
  ["elasticache", ""],
  ["msk", ""],
  ["rds", ""],
])("role %s counts its refreshes as the kind, with the set %j", async (role, set) => {
  const aws = await simulatedAws();
  const run = start(defineAwsRoles({ AWS_ENDPOINT_URL: aws.url }), `role: ${role}\n${KEYS}`);
  await failureOf(run);
  const family = (await run.self.families()).find(({ name }) => name === "prometheus_sd_refresh_failures_total");
  expect(family!.samples.map(({ labels }) => labels)).toEqual([["mechanism", role, "config", set]]);
});

test("a role assumes an AWS role with the section's keys, and has the defaults of its kind", async () => {
  const aws = await simulatedAws();
  aws.actions.set("AssumeRole", () => assumeRoleXml("2099-01-01T00:00:00Z"));
  aws.actions.set("GetInstances", () => ({ json: { instances: [{ privateIpAddress: "10.0.0.1" }] } }));
  const yaml = `role: lightsail\n${KEYS}role_arn: arn:aws:iam::1:role/x\nport: 0\nrefresh_interval: 0s`;
  const run = start(defineAwsRoles({ AWS_ENDPOINT_URL: aws.url }), yaml);
  expect((await run.next())[0]!.targets[0]!.get("__address__")).toBe("10.0.0.1:80");
  expect(aws.calls).toMatchObject([
    { action: "AssumeRole", accessKey: "AKIDEXAMPLE" },
    { action: "GetInstances", accessKey: "ASIAROLE", sessionToken: "session" },
  ]);
  const next = run.next();
  await run.clock.advance(60_000);
  await next;
});

test("discovery of AWS needs a region, and looks it up until it is found", async () => {
  const aws = await simulatedAws();
  aws.actions.set("GetInstances", () => ({ json: {} }));
  const files = { AWS_SHARED_CREDENTIALS_FILE: "/nowhere", AWS_CONFIG_FILE: "/nowhere" };
  const env = { ...files, AWS_ENDPOINT_URL: aws.url, AWS_EC2_METADATA_SERVICE_ENDPOINT: aws.url };
  const run = start(defineAws(lightsailKind, env), KEYS.replace(/region.*/, ""));
  expect(await failureOf(run)).toMatch(/^could not determine AWS region: failed to get region from IMDS: /);
  aws.instanceRegion = "eu-north-1";
  const next = run.next();
  await run.clock.advance(60_000);
  expect(await next).toMatchObject([{ source: "eu-north-1" }]);
});

test("settings for the authentication of the HTTP client do not replace the signature", async () => {
  const aws = await simulatedAws();
  aws.actions.set("GetInstances", () => ({ json: {} }));
  const run = start(defineAws(lightsailKind, { AWS_ENDPOINT_URL: aws.url }), `${KEYS}bearer_token: canary`);
  await run.next();
  expect(aws.calls).toHaveLength(1);
});

const discoverers = new Map(
  [
    ...[ecsKind, elasticacheKind, mskKind].map((kind) => defineAws(kind)),
    defineAws(lightsailKind),
    defineAws(rdsKind),
    defineAwsRoles(),
  ].map((discoverer) => [discoverer.key, discoverer]),
);

test.each([
  ["ecs", "clusters: a", "field clusters: cannot unmarshal !!str `a` into []string"],
  ["ecs", "request_concurrency: x", "field request_concurrency: cannot unmarshal !!str `x` into int"],
  ["ecs", "filters: []", "field filters not found in type aws.plain"],
  ["elasticache", "cluster: [a]", "field cluster not found in type aws.plain"],
  ["msk", "filters: []", "field filters not found in type aws.plain"],
  ["lightsail", "clusters: []", "field clusters not found in type aws.plain"],
  ["lightsail", "request_concurrency: 1", "field request_concurrency not found in type aws.plain"],
  ["rds", "filters: [{name: a, nope: b}]", "field nope not found in type aws.Filter"],
  ["aws", "role: ecs\nrequest_concurrency: 1", "field request_concurrency not found in type aws.plain"],
  ["aws", "region: r", 'unknown AWS SD role ""'],
  ["aws", "region: r\nrole: s3", 'unknown AWS SD role "s3"'],
])("%s_sd_configs refuses %j", (kind, yaml, message) => {
  const line = yaml.split("\n").length;
  const { codec } = discoverers.get(`${kind}_sd_configs`)!;
  expect(decodeYaml(yaml, "test.yml", codec)).toMatchObject({ ok: false, problems: [{ line, message }] });
});

test("aws_sd_configs accepts settings of the HTTP client that conflict, and has other defaults than a kind", () => {
  const yaml = "role: ecs\nbearer_token: a\nbasic_auth: {username: u}\nno_proxy: x";
  const { codec } = discoverers.get("aws_sd_configs")!;
  expect(decodeYaml(yaml, "test.yml", codec)).toMatchObject({
    ok: true,
    value: { httpClient: { followRedirects: false, enableHttp2: false } },
  });
  expect(decodeYaml(yaml.replace("role: ecs", ""), "test.yml", ecsKind.codec)).toMatchObject({ ok: false });
  expect(decodeYaml("", "test.yml", ecsKind.codec)).toMatchObject({
    ok: true,
    value: { httpClient: { followRedirects: true, enableHttp2: true } },
  });
});

test.each([
  [-1, 100],
  [0, 1],
  [7, 7],
  [1_000_000, 100],
])("request_concurrency %i allows %i requests at the same time", (given, allowed) => {
  const decoded = decodeYaml(`request_concurrency: ${given}`, "test.yml", rdsKind.codec);
  expect(decoded.ok && concurrencyOf(decoded.value)).toBe(allowed);
});
