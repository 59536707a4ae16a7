import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { defaultHttpClient, Secret } from "@narthex/config";
import { temporaryFolder } from "@narthex/runtime/testing";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createHttpClient, type HttpClient } from "../client/http-client.ts";
import { sigV4Signer } from "../client/sigv4.ts";
import { assumeRoleXml, errorXml, FakeAws } from "../testing/fake-aws.ts";
import { awsCredentials, type AwsIdentity } from "./credentials.ts";
import { awsEndpoint } from "./endpoint.ts";
import type { CloudTransport } from "../client/cloud-transport.ts";
import { AwsError } from "./aws-service.ts";
import { callJsonRpcApi, escapeUriPart, getRestJson } from "./json-api.ts";
import { callQueryApi } from "./query-api.ts";
import { configuredRegion, instanceRegion } from "./region.ts";

let aws: FakeAws;
let http: HttpClient;
const transport: CloudTransport = async (url, { method, headers, body }) => {
  const answer = await http.request(url, { method, headers, ...(body === undefined ? {} : { body }) });
  return { status: answer.statusCode, text: await answer.body.text(), headers: answer.headers };
};

beforeEach(async () => {
  aws = await FakeAws.start();
  http = await createHttpClient(defaultHttpClient);
});
afterEach(async () => {
  await http.close();
  await aws[Symbol.asyncDispose]();
});

const identity: AwsIdentity = {
  accessKey: "AKIDEXAMPLE",
  secretKey: new Secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
  profile: "",
  roleArn: "",
  externalId: "",
};

/** A service of the simulated AWS. */
const jsonService = (service: string) => ({
  name: service,
  endpoint: aws.url,
  sign: sigV4Signer({ region: "r", service, credentials: awsCredentials(identity, context()), now: () => time }),
  transport,
  now: () => time,
  pause: context().pause,
});

const pauses: number[] = [];
let time = Date.parse("2026-01-01T00:00:00Z");
const context = () => ({
  region: "eu-west-1",
  env: { AWS_ENDPOINT_URL_STS: aws.url },
  transport,
  now: () => time,
  pause: (ms: number) => Promise.resolve(void pauses.push(ms)),
});

test("awsCredentials() assumes the role with the section's keys, and again before the session ends", async () => {
  aws.actions.set("AssumeRole", () => assumeRoleXml(new Date(time + 900_000).toISOString()));
  const role = { ...identity, roleArn: "arn:aws:iam::1:role/x", externalId: "e" };
  const credentials = awsCredentials(role, context());
  const [first] = await Promise.all([credentials(), credentials()]);
  expect(first).toMatchObject({
    accessKeyId: "ASIAROLE",
    secretAccessKey: "secret-of-the-role",
    sessionToken: "session",
  });
  time += 599_000;
  await credentials();
  expect(aws.calls).toHaveLength(1);
  expect([...aws.calls[0]!.params.keys()]).toEqual([
    "Action",
    "Version",
    "RoleArn",
    "RoleSessionName",
    "DurationSeconds",
    "ExternalId",
  ]);
  expect(aws.calls[0]!.scope).toBe("eu-west-1/sts");
  time += 2000;
  await credentials();
  expect(aws.calls).toHaveLength(2);
});

test("awsCredentials() reports why the role is refused, and asks again", async () => {
  aws.actions.set("AssumeRole", () => ({
    status: 403,
    xml: "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error><RequestId>r</RequestId></ErrorResponse>",
  }));
  const credentials = awsCredentials({ ...identity, roleArn: "arn" }, context());
  await expect(credentials()).rejects.toThrow(
    "operation error STS: AssumeRole, https response error StatusCode: 403, RequestID: r, api error AccessDenied: no",
  );
  aws.actions.set("AssumeRole", () => assumeRoleXml(new Date(time + 900_000).toISOString()));
  expect(await credentials()).toMatchObject({ accessKeyId: "ASIAROLE" });
});

test("awsCredentials() falls back to AWS' own chain", async () => {
  const own = { ...identity, accessKey: "", secretKey: undefined };
  const env = { AWS_PROFILE: "x", AWS_ACCESS_KEY_ID: "FROM_ENV", AWS_SECRET_ACCESS_KEY: "s", AWS_SESSION_TOKEN: "t" };
  const fromEnv = await awsCredentials(own, { ...context(), env })();
  expect(fromEnv).toEqual({ accessKeyId: "FROM_ENV", secretAccessKey: "s", sessionToken: "t" });
  const folder = temporaryFolder();
  const path = join(folder, "credentials");
  await writeFile(path, "[other]\naws_access_key_id = FROM_FILE\naws_secret_access_key = s\nregion = r-file\n");
  const files = { AWS_SHARED_CREDENTIALS_FILE: path, AWS_CONFIG_FILE: join(folder, "none") };
  const fromFile = await awsCredentials({ ...own, profile: "other" }, { ...context(), env: files })();
  expect(fromFile).toMatchObject({ accessKeyId: "FROM_FILE" });
  expect(await configuredRegion({ ...files, AWS_PROFILE: "other" })).toBe("r-file");
  expect(await configuredRegion(files)).toBe("");
  expect(await configuredRegion({ AWS_DEFAULT_REGION: "d", AWS_REGION: "e" })).toBe("e");
});

test("callQueryApi() describes an answer that is not XML", async () => {
  const api = {
    name: "EC2",
    endpoint: aws.url,
    version: "v",
    sign: sigV4Signer({
      region: "r",
      service: "ec2",
      credentials: awsCredentials(identity, context()),
      now: () => time,
    }),
    transport,
    now: () => time,
    pause: context().pause,
  };
  aws.actions.set("A", () => ({ status: 503, xml: "busy" }));
  await expect(callQueryApi(api, "A")).rejects.toThrow(
    "operation error EC2: A, https response error StatusCode: 503, RequestID: ",
  );
  aws.actions.set("A", () => "<a><b>");
  await expect(callQueryApi(api, "A")).rejects.toThrow("answer is not XML: 1:6: unclosed tag: b");
  aws.actions.set("A", () => ({ status: 401, xml: errorXml("AuthFailure", "who?") }));
  await expect(callQueryApi(api, "A")).rejects.toMatchObject({ code: "AuthFailure" });
});

test("callQueryApi() tries a throttled call three times, with growing pauses", async () => {
  const api = { ...jsonService("ec2"), version: "v" };
  pauses.length = 0;
  let answers = 0;
  aws.actions.set("A", () => {
    answers++;
    if (answers === 1) return { status: 503, xml: "busy" };
    return answers === 2 ? { status: 400, xml: errorXml("RequestLimitExceeded", "slower") } : "<a><b>c</b></a>";
  });
  expect((await callQueryApi(api, "A")).text("b")).toBe("c");
  expect(pauses).toEqual([1000, 2000]);
  aws.actions.set("A", () => ({ status: 400, xml: errorXml("Throttling", "slower") }));
  await expect(callQueryApi(api, "A")).rejects.toMatchObject({ code: "Throttling" });
  expect(pauses).toEqual([1000, 2000, 1000, 2000]);
});

test("a call is repeated after the pause that AWS demands, and not repeated if the pause is long", async () => {
  const api = { ...jsonService("lightsail"), target: "L" };
  const busy = (seconds: string) => ({ status: 429, json: {}, headers: { "retry-after": seconds } });
  const answers = [busy("7"), { json: { ok: true } }, busy("21")];
  aws.actions.set("A", () => answers.shift()!);
  pauses.length = 0;
  expect(await callJsonRpcApi(api, "A", {})).toBe('{"ok":true}');
  await expect(callJsonRpcApi(api, "A", {})).rejects.toMatchObject({ status: 429, retryAfterMs: 21_000 });
  expect(pauses).toEqual([7000]);
});

test("a long message of AWS is shortened", async () => {
  aws.actions.set("A", () => ({ status: 400, json: { __type: "X", message: "a".repeat(60_000) } }));
  const refused = await callJsonRpcApi({ ...jsonService("x"), target: "X" }, "A", {}).catch(String);
  expect(refused).toHaveLength(
    "AwsError: operation error x: A, https response error StatusCode: 400, ".length +
      "RequestID: , api error X: ".length +
      1001,
  );
});

test("callJsonRpcApi() names the operation in a header, and reads errors from the header and the body", async () => {
  const api = { ...jsonService("lightsail"), name: "Lightsail", target: "Lightsail_20161128" };
  aws.actions.set("GetInstances", ({ input }) => ({ json: { got: input } }));
  expect(JSON.parse(await callJsonRpcApi(api, "GetInstances", { a: ["é"] }))).toEqual({ got: { a: ["é"] } });
  expect(aws.calls[0]).toMatchObject({ action: "GetInstances", scope: "r/lightsail" });
  const refused = async (json: unknown, headers = {}): Promise<unknown> => {
    aws.actions.set("GetInstances", () => ({ status: 400, json, headers }));
    return callJsonRpcApi(api, "GetInstances", {}).catch((error: unknown) => error);
  };
  expect(await refused({ __type: "com.amazonaws#NoSuchThing", message: "no" }, { "x-amzn-requestid": "q" })).toEqual(
    new AwsError(
      "NoSuchThing",
      "operation error Lightsail: GetInstances, https response error StatusCode: 400, RequestID: q, api error NoSuchThing: no",
      { status: 400 },
    ),
  );
  const inHeader = { "x-amzn-errortype": "Denied:http://internal.amazon.com/x" };
  expect(await refused({ Message: "who?" }, inHeader)).toMatchObject({ code: "Denied" });
  expect(await refused([])).toMatchObject({
    message: "operation error Lightsail: GetInstances, https response error StatusCode: 400, RequestID: ",
  });
});

test("getRestJson() signs paths with encoded parts and queries with any character", async () => {
  const arn = "arn:aws:kafka:r:1:cluster/a b/(1)";
  const path = `/v1/clusters/${escapeUriPart(arn)}/nodes`;
  aws.actions.set(path, ({ params }) => ({ json: [...params] }));
  const answer = await getRestJson(
    jsonService("kafka"),
    "ListNodes",
    `${path}?nextToken=${escapeUriPart("a+b/=& é*")}`,
  );
  expect(JSON.parse(answer)).toEqual([["nextToken", "a+b/=& é*"]]);
});

test("a service that cannot be reached is called three times", async () => {
  let requests = 0;
  const failing: CloudTransport = () => {
    requests++;
    return Promise.reject(new Error("connection reset"));
  };
  pauses.length = 0;
  const service = { ...jsonService("kafka"), transport: failing };
  await expect(getRestJson(service, "ListNodes", "/x")).rejects.toThrow("connection reset");
  expect([requests, pauses]).toEqual([3, [1000, 2000]]);
  const stopped = { ...service, pause: () => Promise.reject(new Error("stopped")) };
  await expect(getRestJson(stopped, "ListNodes", "/x")).rejects.toThrow("stopped");
});

test("instanceRegion() asks the metadata service with a token", async () => {
  const env = { AWS_EC2_METADATA_SERVICE_ENDPOINT: `${aws.url}/` };
  aws.instanceRegion = "ap-south-1";
  expect(await instanceRegion(transport, env)).toBe("ap-south-1");
  aws.instanceRegion = undefined;
  await expect(instanceRegion(transport, env)).rejects.toThrow("answered with status 404");
  await expect(instanceRegion(transport, { AWS_EC2_METADATA_DISABLED: "true" })).rejects.toThrow("access disabled");
});

test.each([
  ["ec2", "eu-west-1", {}, "https://ec2.eu-west-1.amazonaws.com"],
  ["sts", "cn-north-1", {}, "https://sts.cn-north-1.amazonaws.com.cn"],
  ["sts-fips", "us-gov-west-1", {}, "https://sts-fips.us-gov-west-1.amazonaws.com"],
  ["ec2", "eu-west-1", { AWS_ENDPOINT_URL: "http://a" }, "http://a"],
  ["ec2", "eu-west-1", { AWS_ENDPOINT_URL: "http://a", AWS_ENDPOINT_URL_EC2: "http://b" }, "http://b"],
])("awsEndpoint(%s, %s, %j) is %s", (service, region, env, url) => {
  expect(awsEndpoint(service, region, env)).toBe(url);
});
