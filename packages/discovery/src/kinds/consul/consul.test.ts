import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { decodeYaml, identityOf, printYaml } from "@narthex/config";
import { temporaryFolder } from "@narthex/runtime/testing";
import { expect, onTestFinished, test } from "vitest";
import { FakeConsul, redisInstance } from "../../testing/fake-consul.ts";
import { DiscovererRun } from "../../testing/discoverer-run.ts";
import { nextIndex } from "./blocking-query.ts";
import { consulDiscoverer, createConsulDiscoverer } from "./consul.ts";
import type { ConsulEnvironment } from "./consul-api.ts";
import { serviceGroup } from "./service-group.ts";
import { consulMetrics } from "./consul-metrics.ts";

async function fake(): Promise<FakeConsul> {
  const consul = await FakeConsul.start();
  onTestFinished(() => consul[Symbol.asyncDispose]());
  return consul;
}

function start(consul: FakeConsul, yaml = "", env: ConsulEnvironment = {}): DiscovererRun {
  const run = new DiscovererRun(createConsulDiscoverer(env), `server: ${consul.address}\n${yaml}`);
  onTestFinished(() => run[Symbol.asyncDispose]());
  return run;
}

const next = async (run: DiscovererRun): Promise<string[]> =>
  (await run.next()).map(({ source, targets }) =>
    [source, ...targets.map((target) => target.get("__address__"))].join(" "),
  );

const at = (address: string, ...tags: readonly string[]) => ({
  ...redisInstance,
  Service: { ...redisInstance.Service, Address: address, Tags: tags },
});

const failures = async (run: DiscovererRun): Promise<number> =>
  (await consulMetrics.of(run.metrics).rpcFailures.get()).values[0]!.value;

test("serviceGroup() returns all labels of the API reference's sample", () => {
  const group = serviceGroup("redis", [redisInstance], { datacenter: "dc1", tagSeparator: "," });
  expect(group.labels.toRecord()).toEqual({ __meta_consul_service: "redis", __meta_consul_dc: "dc1" });
  expect(group.targets.map((target) => target.toRecord())).toEqual([
    {
      __address__: "10.1.10.12:8000",
      __meta_consul_address: "10.1.10.12",
      __meta_consul_health: "passing",
      __meta_consul_metadata_instance_type: "t2.medium",
      __meta_consul_namespace: "default",
      __meta_consul_node: "foobar",
      __meta_consul_service_address: "10.1.10.12",
      __meta_consul_service_id: "redis",
      __meta_consul_service_metadata_redis_version: "4.0",
      __meta_consul_service_port: "8000",
      __meta_consul_tagged_address_lan: "10.1.10.12",
      __meta_consul_tagged_address_wan: "10.1.10.12",
      __meta_consul_tags: ",primary,",
    },
  ]);
});

test("serviceGroup() uses the node's address if the service has none, brackets IPv6 and marks the absence of tags", () => {
  const { Node, Service } = redisInstance;
  const entry = {
    Node: { ...Node, Address: "fd00::1", Meta: { "a.b-c": "x" } },
    Service: { ...Service, Address: "", Tags: null },
    Checks: null,
  };
  const target = serviceGroup("redis", [entry], { datacenter: "dc1", tagSeparator: "|" }).targets[0]!;
  expect(target.get("__address__")).toBe("[fd00::1]:8000");
  expect(target.get("__meta_consul_tags")).toBe("||");
  expect(target.get("__meta_consul_metadata_a_b_c")).toBe("x");
  expect(target.has("__meta_consul_service_address")).toBe(false);
});

test.each([
  [[], "passing"],
  [["passing", "warning"], "warning"],
  [["warning", "critical", "passing"], "critical"],
  [["critical", "_node_maintenance"], "maintenance"],
  [["passing", "_service_maintenance:redis"], "maintenance"],
  [["passing", "odd", "_node_maintenance"], ""],
])("checks %j together are %j", (checks, health) => {
  const Checks = checks.map((word) =>
    word.startsWith("_") ? { CheckID: word, Status: "critical" } : { Status: word },
  );
  const group = serviceGroup("r", [{ ...redisInstance, Checks }], { datacenter: "", tagSeparator: "," });
  expect(group.targets[0]!.get("__meta_consul_health")).toBe(health);
});

test.each([
  [0n, 7n, 7n],
  [7n, 7n, 7n],
  [7n, 6n, 0n],
  [0n, 0n, 1n],
  [1n, 0n, 0n],
  [7n, undefined, 0n],
  [0n, 18_446_744_073_709_551_615n, 18_446_744_073_709_551_615n],
])("after index %s the answer's %s leads to %s", (last, got, wanted) => {
  expect(nextIndex(last, got)).toBe(wanted);
});

test("Consul discovery follows services that are added, changed and removed", async () => {
  const consul = await fake();
  consul.register("redis", at("10.0.0.1"));
  const run = start(consul, "refresh_interval: 1s");
  expect(await next(run)).toEqual(["redis 10.0.0.1:8000"]);
  expect(run.groups.get("redis")!.labels.get("__meta_consul_dc")).toBe("dc1");
  await run.clock.advance(1000);
  await consul.until(() => consul.waiting === 2);
  expect(consul.requests).toEqual([
    "/v1/agent/self",
    "/v1/catalog/services?stale=&wait=120000ms",
    "/v1/health/service/redis?stale=&wait=120000ms",
    "/v1/catalog/services?stale=&wait=120000ms&index=11",
    "/v1/health/service/redis?stale=&wait=120000ms&index=11",
  ]);
  consul.register("redis", at("10.0.0.1"), at("10.0.0.2"));
  expect(await next(run)).toEqual(["redis 10.0.0.1:8000 10.0.0.2:8000"]);
  consul.register("a/b c", at("10.0.0.3"));
  await run.clock.advance(1000);
  expect(await next(run)).toEqual(["a/b c 10.0.0.3:8000"]);
  await run.clock.advance(1000);
  await consul.until(() => consul.waiting === 3);
  consul.deregister("redis");
  const emitted = [await next(run)];
  if (emitted[0]!.length === 1 && run.groups.has("redis")) emitted.push(await next(run));
  expect(emitted.flat()).toContain("redis");
  expect([...run.groups.keys()]).toEqual(["a/b c"]);
  consul.deregister("a/b c");
  await run.clock.advance(1000);
  while (run.groups.size > 0) await next(run);
  expect(await failures(run)).toBe(0);
});

test("Consul discovery repeats a blocking query at once if it took longer than refresh_interval, and waits otherwise", async () => {
  const consul = await fake();
  consul.register("redis", at("10.0.0.1"));
  const run = start(consul, "services: [redis]\nrefresh_interval: 30s");
  await next(run);
  const asked = () => consul.requests.length;
  expect(asked()).toBe(2);
  await run.clock.advance(29_999);
  expect(asked()).toBe(2);
  await run.clock.advance(1);
  await consul.until(() => asked() === 3);
  await run.clock.advance(60_000);
  consul.timeOut();
  await consul.until(() => asked() === 4);
  consul.register("redis", at("10.0.0.2"));
  expect(await next(run)).toEqual(["redis 10.0.0.2:8000"]);
});

test("a blocking query that times out keeps the index for the next request", async () => {
  const consul = await fake();
  consul.register("redis", at("10.0.0.1"));
  const run = start(consul, "services: [redis]\nrefresh_interval: 1s");
  await next(run);
  for (let round = 0; round < 2; round++) {
    await run.clock.advance(1000);
    await consul.until(() => consul.waiting === 1);
    consul.timeOut();
  }
  await run.clock.advance(1000);
  await consul.until(() => consul.waiting === 1);
  expect(consul.requests.at(-1)).toContain("index=11");
  consul.register("redis");
  expect(await next(run)).toEqual(["redis"]);
});

test("after an index that goes backwards the next request does not block", async () => {
  const consul = await fake();
  consul.register("redis", at("10.0.0.1"));
  const run = start(consul, "services: [redis]\nrefresh_interval: 1s");
  await next(run);
  await run.clock.advance(1000);
  await consul.until(() => consul.waiting === 1);
  consul.rewind(5);
  expect(await next(run)).toEqual(["redis 10.0.0.1:8000"]);
  await run.clock.advance(1000);
  expect(await next(run)).toEqual(["redis 10.0.0.1:8000"]);
  await run.clock.advance(1000);
  await consul.until(() => consul.waiting === 1);
  expect(consul.requests.slice(-2)).toEqual([
    "/v1/health/service/redis?stale=&wait=120000ms",
    "/v1/health/service/redis?stale=&wait=120000ms&index=5",
  ]);
});

test.each([
  ["0", "index=1"],
  [undefined, "wait=120000ms"],
])("with the index header %j each answer counts, and the next question ends in %s", async (header, ending) => {
  const consul = await fake();
  consul.indexHeader = () => header;
  consul.register("redis", at("10.0.0.1"));
  const run = start(consul, "services: [redis]\nrefresh_interval: 1s");
  await next(run);
  consul.register("redis", at("10.0.0.2"));
  await run.clock.advance(1000);
  expect(await next(run)).toEqual(["redis 10.0.0.2:8000"]);
  expect(consul.requests.at(-1)!.endsWith(ending)).toBe(true);
});

test("Consul discovery sends the section's parameters to the catalog and to each service", async () => {
  const consul = await fake();
  const { Node } = redisInstance;
  const web = { ...at("10.0.0.1", "a", "b", "c"), Node: { ...Node, Meta: { zone: "x" } } };
  consul.register("web", web);
  consul.register("untagged", { ...at("10.0.0.2", "a"), Node: { ...Node, Meta: { zone: "x" } } });
  consul.register("elsewhere", at("10.0.0.3", "a", "b"));
  const run = start(
    consul,
    "path_prefix: p/q\ntoken: t\ndatacenter: dc9\nnamespace: n\npartition: z\ntag_separator: ;\nallow_stale: false\n" +
      "services: [web, untagged, elsewhere]\ntags: [a, b]\nnode_meta: {zone: x}\nfilter: F == f\nhealth_filter: G == g\n",
    { CONSUL_HTTP_TOKEN: "no", CONSUL_NAMESPACE: "no", CONSUL_PARTITION: "no" },
  );
  expect(await next(run)).toEqual(["web 10.0.0.1:8000"]);
  expect(consul.requests).toEqual([
    "/p/q/v1/catalog/services?dc=dc9&ns=n&partition=z&node-meta=zone%3Ax&filter=F+%3D%3D+f&wait=120000ms t",
    "/p/q/v1/health/service/web?dc=dc9&ns=n&partition=z&node-meta=zone%3Ax&tag=a&tag=b&filter=G+%3D%3D+g&wait=120000ms t",
  ]);
  const group = run.groups.get("web")!;
  expect([group.labels.get("__meta_consul_dc"), group.targets[0]!.get("__meta_consul_tags")]).toEqual([
    "dc9",
    ";a;b;c;",
  ]);
});

test("Consul discovery takes missing settings from the environment", async () => {
  const folder = temporaryFolder();
  await writeFile(join(folder, "token"), "from-file\n");
  const consul = await fake();
  start(consul, "datacenter: d\n", {
    CONSUL_HTTP_TOKEN: "t",
    CONSUL_HTTP_TOKEN_FILE: join(folder, "token"),
    CONSUL_NAMESPACE: "n",
    CONSUL_PARTITION: "p",
  });
  await consul.until(() => consul.requests.length > 0);
  expect(consul.requests[0]).toBe("/v1/catalog/services?dc=d&ns=n&partition=p&stale=&wait=120000ms from-file");
});

test("Consul discovery asks for the datacenter every 15 s until it gets an answer, and logs the failure once", async () => {
  const consul = await fake();
  consul.fault = { status: 403, text: "Permission denied\n" };
  const run = start(consul);
  await consul.until(() => consul.requests.length === 1);
  for (const count of [2, 3]) {
    while (run.clock.pending === 0 || (await failures(run)) < count - 1) await run.clock.advance(0);
    await run.clock.advance(15_000);
    await consul.until(() => consul.requests.length === count);
  }
  consul.fault = undefined;
  consul.register("redis", at("10.0.0.1"));
  while ((await failures(run)) < 3) await run.clock.advance(0);
  await run.clock.advance(15_000);
  expect(await next(run)).toEqual(["redis 10.0.0.1:8000"]);
  expect(run.logger.lines.map(({ message, fields }) => [message, fields["err"]])).toEqual([
    ["Asking Consul for its datacenter failed", "Unexpected response code: 403 (Permission denied)"],
    ["Asking Consul for its datacenter works again", undefined],
  ]);
});

test("a failing service keeps its targets, and is requested again with the old index after 15 s", async () => {
  const consul = await fake();
  consul.register("redis", at("10.0.0.1"));
  const run = start(consul, "services: [redis]\nrefresh_interval: 1s");
  await next(run);
  consul.fault = { status: 500, text: "No cluster leader" };
  await run.clock.advance(1000);
  while ((await failures(run)) < 1) await run.clock.advance(0);
  consul.fault = undefined;
  consul.register("redis", at("10.0.0.2"));
  await run.clock.advance(14_999);
  expect(consul.requests).toHaveLength(3);
  expect(run.groups.get("redis")!.targets[0]!.get("__address__")).toBe("10.0.0.1:8000");
  await run.clock.advance(1);
  expect(await next(run)).toEqual(["redis 10.0.0.2:8000"]);
  expect(run.logger.lines[0]!.fields["err"]).toBe("Unexpected response code: 500 (No cluster leader)");
  const { samples = [] } = consulMetrics.of(run.metrics).rpcDuration.family() ?? {};
  expect(samples.find(({ suffix }) => suffix === "_count")).toMatchObject({
    labels: ["endpoint", "catalog", "call", "service"],
    value: 3,
  });
});

test.each([
  ["", /is not JSON/],
  ["{", /is not JSON/],
  ['"redis"', "the answer of Consul is not a list of service entries"],
  ["{}", "the answer of Consul is not a list of service entries"],
])("the answer %j for a service is a failure that says so", async (body, err) => {
  const consul = await fake();
  consul.register("redis", at("10.0.0.1"));
  const run = start(consul, "services: [redis]\nrefresh_interval: 1s");
  await next(run);
  consul.body = body;
  consul.indexHeader = () => "99";
  await run.clock.advance(1000);
  await consul.until(() => consul.waiting === 1);
  consul.timeOut();
  while (run.logger.lines.length === 0) await run.clock.advance(0);
  expect(run.logger.lines[0]!.fields["err"]).toMatch(err);
  expect(run.groups.size).toBe(1);
});

test.each(["[]", '"x"', "7"])("the answer %s for the catalog is reported as a failure", async (body) => {
  const consul = await fake();
  consul.body = body;
  const run = start(consul, "datacenter: d");
  while (run.logger.lines.length === 0) await run.clock.advance(0);
  expect(run.logger.lines[0]!.fields["err"]).toBe("the answer of Consul is not a map of services");
});

test("an entry without any details is still a target", () => {
  const group = serviceGroup("r", [null, {}], { datacenter: "", tagSeparator: "," });
  expect(group.targets.map((target) => target.get("__address__"))).toEqual([":0", ":0"]);
});

test.each(["http://ADDRESS/some/where", "unix://SOCKET"])("Consul discovery connects to %s", async (server) => {
  const folder = temporaryFolder();
  const socket = join(folder, "s");
  const consul = await FakeConsul.start(server.startsWith("unix") ? socket : 0);
  onTestFinished(() => consul[Symbol.asyncDispose]());
  consul.register("redis", at("10.0.0.1"));
  const url = server.startsWith("unix") ? server.replace("SOCKET", socket) : server.replace("ADDRESS", consul.address);
  const run = new DiscovererRun(consulDiscoverer, `server: ${url}\nservices: [redis]\n`);
  onTestFinished(() => run[Symbol.asyncDispose]());
  expect(await next(run)).toEqual(["redis 10.0.0.1:8000"]);
  expect(consul.requests[0]).toBe(server.startsWith("unix") ? "/v1/agent/self" : "/some/where/v1/agent/self");
});

test("a Consul discoverer with an unknown scheme in the server cannot be created", async () => {
  const run = new DiscovererRun(consulDiscoverer, "server: ftp://x");
  await expect(run[Symbol.asyncDispose]()).rejects.toThrow("Unknown protocol scheme: ftp");
});

test("a Consul discoverer stops while requests are blocked", async () => {
  const consul = await fake();
  consul.register("redis", at("10.0.0.1"));
  const run = start(consul, "refresh_interval: 1s");
  await next(run);
  await run.clock.advance(1000);
  await consul.until(() => consul.waiting === 2);
  await run[Symbol.asyncDispose]();
  expect(run.clock.pending).toBe(0);
  expect(run.logger.lines).toEqual([]);
});

test.each([
  ['server: " "', "consul SD configuration requires a server address"],
  [
    "username: u\nbasic_auth: {username: u}",
    "at most one of consul SD configuration username and password and basic auth can be configured",
  ],
  [
    "token: t\nauthorization: {credentials: c}",
    "at most one of consul SD token, authorization, or oauth2 can be configured",
  ],
  [
    "password: p\nauthorization: {credentials: c}",
    "at most one of basic_auth, oauth2 & authorization must be configured",
  ],
  [
    "password: p\nbearer_token: c",
    "at most one of basic_auth, oauth2, bearer_token & bearer_token_file must be configured",
  ],
])("Consul discovery refuses %j", (yaml, message) => {
  expect(decodeYaml(yaml, "test.yml", consulDiscoverer.codec)).toMatchObject({ ok: false, problems: [{ message }] });
});

test("Consul discovery accepts an old bearer token together with its own token", () => {
  expect(decodeYaml("token: t\nbearer_token: c", "test.yml", consulDiscoverer.codec)).toMatchObject({ ok: true });
});

test.each(["{}", "username: u\npassword: p\nnode_meta: {a: b}\nservices: [x]"])(
  "Consul discovery reads %j, and its printed form reads the same",
  (yaml) => {
    const loaded = decodeYaml(yaml, "test.yml", consulDiscoverer.codec);
    if (!loaded.ok) throw new Error(loaded.problems[0]!.message);
    const again = decodeYaml(printYaml(consulDiscoverer.codec.encode(loaded.value)), "p.yml", consulDiscoverer.codec);
    expect(again.ok && printYaml(consulDiscoverer.codec.encode(again.value))).toBe(
      printYaml(consulDiscoverer.codec.encode(loaded.value)),
    );
    expect(identityOf(consulDiscoverer.codec, loaded.value)).toContain("allow_stale");
  },
);
