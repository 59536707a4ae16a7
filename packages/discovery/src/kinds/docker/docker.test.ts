import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { decodeYaml } from "@narthex/config";
import { Labels } from "@narthex/model";
import { temporaryFolder } from "@narthex/runtime/testing";
import { expect, onTestFinished, test } from "vitest";
import { dockerDiscoverer } from "./docker.ts";
import { dockerswarmDiscoverer } from "../dockerswarm/dockerswarm.ts";
import type { Discoverer } from "../../discoverer.ts";
import type { TargetGroup } from "../../target-group.ts";
import { DiscovererRun } from "../../testing/discoverer-run.ts";

type LabelRecord = Readonly<Record<string, string>>;

const fixture = <T>(name: string): T =>
  JSON.parse(readFileSync(new URL(`../../testing/fixtures/${name}.json`, import.meta.url), "utf8")) as T;

// Recorded answers of Docker 26.1.5 (API 1.45) with a swarm of one node. Fields that discovery does not read were
// removed.
const recorded = fixture<Readonly<Record<string, readonly Record<string, unknown>[]>>>("docker-answers");
// Targets that Prometheus 3.5.3 found in the recorded Docker answers, by role.
const found = fixture<Readonly<Record<string, readonly LabelRecord[]>>>("docker-targets");

/**
 * A Docker engine that records the requests. Its answers are the recorded answers, or the answers that `answer`
 * returns.
 */
class Engine {
  readonly asked: string[] = [];
  readonly agents = new Set<string | undefined>();
  version: string | undefined = "1.45";
  answer: (path: string) => readonly [status: number, body: string] = (path) => [200, JSON.stringify(recorded[path])];
  readonly server: Server = createServer((request: IncomingMessage, response) => {
    this.asked.push(`${request.method} ${decodeURIComponent(request.url!)}`);
    this.agents.add(request.headers["user-agent"]);
    if (this.version !== undefined) response.setHeader("api-version", this.version);
    const { pathname } = new URL(request.url!, "http://engine");
    const [status, body] = pathname === "/_ping" ? [200, "OK"] : this.answer(pathname.replace(/^\/v[\d.]+\//, ""));
    response.writeHead(status).end(body);
  });

  constructor() {
    onTestFinished(() => {
      this.server.closeAllConnections();
      this.server.close();
    });
  }

  async tcp(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async socket(): Promise<string> {
    const folder = temporaryFolder();
    await new Promise<void>((resolve) => this.server.listen(join(folder, "docker.sock"), resolve));
    return `unix://${join(folder, "docker.sock")}`;
  }
}

function start(discoverer: Discoverer, yaml: string): DiscovererRun {
  const run = new DiscovererRun(discoverer, yaml);
  onTestFinished(() => run[Symbol.asyncDispose]());
  return run;
}

/** Returns each target once. A port that is published for IPv4 and IPv6 is listed twice. */
const byText = (records: readonly LabelRecord[]): string[] =>
  [...new Set(records.map((record) => Labels.of(record).toString()))].sort();

const labelsIn = (groups: readonly TargetGroup[]): LabelRecord[] =>
  groups.flatMap(({ targets }) => targets.map((target) => Object.fromEntries(target)));

const asIn35 = (labels: LabelRecord): LabelRecord =>
  Object.fromEntries(Object.entries(labels).filter(([name]) => !name.startsWith("__meta_docker_container_image")));

test.each([
  ["docker", dockerDiscoverer, ""],
  ["docker-all", dockerDiscoverer, "match_first_network: false\nhost_networking_host: host.internal:81\nport: 8080"],
  ["services", dockerswarmDiscoverer, "role: services"],
  ["tasks", dockerswarmDiscoverer, "role: tasks"],
  ["nodes", dockerswarmDiscoverer, "role: nodes\nport: 9323"],
] as const)("a recorded engine gives the targets that Prometheus finds in it: %s", async (name, discoverer, more) => {
  const engine = new Engine();
  const run = start(discoverer, `host: ${await engine.socket()}\n${more}`);
  const groups = await run.next();
  expect(groups).toMatchObject([{ source: name.startsWith("docker") ? "Docker" : "DockerSwarm" }]);
  const targets = labelsIn(groups);
  expect(byText(targets.map(asIn35))).toEqual(byText(found[name]!));
  if (name === "docker") {
    const image = "sha256:cc363300f0b5ab1f35e036a39eac8418ba737e71771f38ca2371ad9a5b323033";
    expect(new Set(targets.map((target) => target["__meta_docker_container_image"]))).toEqual(
      new Set(["node:24-bookworm-slim"]),
    );
    expect(targets[0]!["__meta_docker_container_image_id"]).toBe(image);
  }
});

test("the engine is asked in the older of the two versions, with the filters as JSON", async () => {
  const engine = new Engine();
  const filters =
    "[{name: status, values: [running, created]}, {name: label, values: [a, a, b=ü]}, {name: id, values: []}]";
  const host = await engine.tcp();
  const run = start(dockerDiscoverer, `host: http://${host}/\nfilters: ${filters}`);
  await run.next();
  const query = '{"label":{"a":true,"b=ü":true},"status":{"created":true,"running":true}}';
  const lists = [`GET /v1.45/containers/json?filters=${query}`, "GET /v1.45/networks"];
  expect(engine.asked).toEqual(["GET /_ping", ...lists]);
  await run.clock.advance(60_000);
  await run.next();
  expect(engine.asked.slice(3)).toEqual(lists);
  expect([...engine.agents]).toEqual(["Prometheus/x"]);
});

test.each([
  ["1.99", "v1.51"],
  ["1.24", "v1.24"],
  [undefined, "v1.24"],
])("an engine that offers %s is asked in %s", async (version, asked) => {
  const engine = new Engine();
  engine.version = version;
  const run = start(dockerswarmDiscoverer, `host: tcp://${await engine.tcp()}\nrole: nodes`);
  await run.next();
  expect(engine.asked).toEqual(["GET /_ping", `GET /${asked}/nodes`]);
});

test("a failure is reported with the engine's message, the targets are kept, and the version is negotiated again", async () => {
  const engine = new Engine();
  const { answer } = engine;
  const run = start(dockerswarmDiscoverer, `host: http://${await engine.tcp()}\nrole: tasks`);
  await run.next();
  const count = run.groups.get("DockerSwarm")!.targets.length;
  const failures: [path: string, status: number, body: string, message: string][] = [
    [
      "tasks",
      503,
      '{"message":"This node is not a swarm manager."}',
      "error while listing swarm tasks: Error response from daemon: This node is not a swarm manager.",
    ],
    ["nodes", 500, "<html>", "error while computing nodes labels: Error response from daemon: status 500"],
    ["services", 200, "{}", "error while computing services labels and ports: answer to services is not a list"],
  ];
  for (const [path, status, body, message] of failures) {
    engine.answer = (asked) => (asked === path ? [status, body] : answer(asked));
    const before = run.logger.lines.length;
    while (run.logger.lines.length === before) await run.clock.advance(10_000);
    expect(run.logger.lines.at(-1)!.fields["err"]).toBe(message);
    expect(run.groups.get("DockerSwarm")!.targets).toHaveLength(count);
  }
  engine.answer = answer;
  engine.version = "1.40";
  engine.asked.length = 0;
  await run.clock.advance(60_000);
  await run.next();
  expect(engine.asked.slice(0, 2)).toEqual(["GET /_ping", "GET /v1.40/tasks"]);
});

test("an empty list has no targets, and a container whose network belongs to an unlisted container has none", async () => {
  const engine = new Engine();
  const child = recorded["containers/json"]!.filter(({ Names }) => String(Names) === "/dsd-child");
  engine.answer = (path) => [200, path === "networks" ? "null" : JSON.stringify(child)];
  const run = start(dockerDiscoverer, `host: http://${await engine.tcp()}`);
  expect(labelsIn(await run.next())).toEqual([]);
});

test("a service on the host's network has no address of its own and no target", async () => {
  const engine = new Engine();
  const alone = recorded["services"]!.filter(({ Spec }) => (Spec as { Name: string }).Name === "dsd-hostnet");
  expect(alone).toMatchObject([{ Endpoint: { VirtualIPs: [{}] } }]);
  engine.answer = (path) => [200, JSON.stringify(path === "services" ? alone : recorded[path])];
  const run = start(dockerswarmDiscoverer, `host: http://${await engine.tcp()}\nrole: services`);
  expect(labelsIn(await run.next())).toEqual([]);
});

test.each(["npipe:////./pipe/docker_engine", "foo", "unix://", "http://", "ssh://me:word@host"])(
  "a discoverer for an engine at %s, which cannot be reached, is not created",
  async (host) => {
    const run = new DiscovererRun(dockerDiscoverer, `host: "${host}"`);
    const shown = host.replace("word", "xxxxx");
    await expect(run[Symbol.asyncDispose]()).rejects.toThrow(`unable to parse docker host \`${shown}\``);
  },
);

test.each([
  [dockerDiscoverer, "port: 81", "host missing"],
  [dockerDiscoverer, 'host: ":x"', 'parse ":x": missing protocol scheme'],
  [dockerDiscoverer, "host: unix:///s\nrole: tasks", "field role not found in type moby.plain"],
  [dockerswarmDiscoverer, "role: tasks", "host missing"],
  [dockerswarmDiscoverer, "host: unix:///s", "role missing (one of: tasks, services, nodes)"],
  [
    dockerswarmDiscoverer,
    "host: unix:///s\nrole: toString",
    "invalid role toString, expected tasks, services, or nodes",
  ],
  [dockerswarmDiscoverer, "host: unix:///s\nrole: tasks\nfilters: [{x: 1}]", "field x not found in type moby.Filter"],
])("refuses %o", (discoverer, yaml, message) => {
  expect(decodeYaml(yaml, "test.yml", discoverer.codec)).toMatchObject({ ok: false, problems: [{ message }] });
});
