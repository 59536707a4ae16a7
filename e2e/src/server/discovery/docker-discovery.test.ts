import { execFileSync, spawnSync } from "node:child_process";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually } from "../../support/eventually.ts";
import { api } from "../../support/query.ts";
import { lacks } from "../../support/requirements.ts";
import { type Served, serve } from "../../support/serving.ts";
import { Workplace } from "../../support/workplace.ts";

// The commands without which this test is skipped. The test runs Docker discovery on an engine with containers on all
// kinds of networks and a swarm of one node. Both servers must discover equal targets.
const absent = lacks("docker", "peers");
const IMAGE = "node:24-bookworm-slim";
const project = `narthex-sd-${process.pid}`;
const marked = ["--label", `narthex.e2e=${project}`] as const;
const host = process.env["DOCKER_HOST"] ?? "unix:///var/run/docker.sock";
const cleanups: (() => unknown)[] = [];
let ours: Served;
let theirs: Served;

const docker = (...args: readonly string[]): string =>
  execFileSync("docker", args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).trim();

/**
 * Runs a command that removes what the test created. The command may fail, for example because the object does not
 * exist.
 */
const undo = (...args: readonly string[]): void =>
  void cleanups.push(() => spawnSync("docker", args, { stdio: "ignore" }));

const named = (name: string): string => `${project}-${name}`;

function network(name: string, ...options: readonly string[]): void {
  docker("network", "create", ...options, named(name));
  undo("network", "rm", named(name));
}

function container(name: string, ...options: readonly string[]): void {
  undo("rm", "-f", named(name));
  docker("run", "-d", "--init", "--name", named(name), ...marked, ...options, IMAGE, "sleep", "100000");
}

function service(name: string, ...options: readonly string[]): void {
  undo("service", "rm", named(name));
  docker("service", "create", "-d", "-q", "--name", named(name), ...marked, ...options, IMAGE, "sleep", "100000");
}

function startContainers(): void {
  network("a", "--label", "net.label/odd=ñ");
  network("b", "--internal");
  network("six", "--ipv6", "--subnet", "fd00:7e7::/64");
  const ports = ["-p", "127.0.0.1::8080", "-p", "9000-9001", "-p", "127.0.0.1::5353/udp", "--expose", "7000"];
  const labels = ["--label", "com.example/odd-name.x=1", "--label", 'späce·key=välue "q"\\n', "--label", "empty="];
  container("ports", ...ports, ...labels, "--network", named("b"));
  docker("network", "connect", named("a"), named("ports"));
  container("child", "--network", `container:${named("ports")}`);
  container("plain");
  container("host", "--network", "host");
  container("none", "--network", "none");
  container("udp", "-p", "0:5353/udp");
  container("six", "--network", named("six"), "--expose", "80");
  container("stopped");
  docker("rm", "-f", docker("create", "--name", named("never"), ...marked, IMAGE));
  docker("stop", "-t", "0", named("stopped"));
}

function startSwarm(): void {
  const state = docker("info", "--format", "{{.Swarm.LocalNodeState}}");
  if (state === "inactive") {
    undo("network", "rm", "docker_gwbridge");
    undo("swarm", "leave", "--force");
    docker("swarm", "init", "--advertise-addr", "127.0.0.1");
  }
  network("over", "-d", "overlay");
  const published = ["--publish", "80", "--publish", "target=81,protocol=udp"];
  service("web", "--replicas", "2", "--container-label", "x.y=z", "--hostname", "{{.Node.Hostname}}-x", ...published);
  service("node", "--mode", "global", "--publish", "mode=host,target=90", "--label", "späce=ü");
  service("over", "--network", named("over"));
  service("round", "--network", named("over"), "--endpoint-mode", "dnsrr");
}

/**
 * Returns a scrape job that keeps all discovered labels. All targets of the job then differ, so that the server does
 * not merge any.
 */
const job = (name: string, kind: string, section: string): string =>
  `- job_name: ${name}
  scrape_interval: 1h
  relabel_configs:
  - { action: drop, source_labels: [__meta_docker_container_name], regex: .*-udp }
  - { action: labelmap, regex: __(meta_.+) }
  ${kind}_sd_configs: [{ host: "${host}", refresh_interval: 1s, ${section} }]
`;

const mark = `{ name: label, values: ["narthex.e2e=${project}"] }`;
const services = `[${["web", "node", "over", "round"].map((name) => `"${named(name)}"`).join(", ")}]`;
const CONFIG = `scrape_configs:
${job("first", "docker", `filters: [${mark}, { name: status, values: [running, exited] }]`)}
${job("every", "docker", `filters: [${mark}], match_first_network: false, host_networking_host: "here:81", port: 82`)}
${job("services", "dockerswarm", `role: services, filters: [${mark}]`)}
${job("tasks", "dockerswarm", `role: tasks, filters: [{ name: service, values: ${services} }]`)}
${job("nodes", "dockerswarm", "role: nodes, port: 9323")}
`;

interface Discovered {
  readonly discoveredLabels: Readonly<Record<string, string>>;
  readonly scrapePool: string;
}

/**
 * Reports whether a label of discovered targets is compared. Labels from scrape settings are not compared, and neither
 * is the label for the image, which exists only since Prometheus 3.14.
 */
const isCompared = (name: string): boolean =>
  /^(__address__|__meta_.*|job)$/.test(name) && !name.startsWith("__meta_docker_container_image");

/** Resolves with the discovered targets of a server by job, as sorted texts. Dropped targets are marked. */
async function discovered({ base }: Served): Promise<Record<string, string[]>> {
  const { activeTargets, droppedTargets } = await api<{ activeTargets: Discovered[]; droppedTargets: Discovered[] }>(
    base,
    "targets",
  );
  const out: Record<string, string[]> = {};
  const add = (target: Discovered, note: string): void => {
    const labels = Object.entries(target.discoveredLabels).filter(([name]) => isCompared(name));
    const text = labels.map(([name, value]) => `${name}=${value}`).sort();
    (out[target.scrapePool] ??= []).push(`${note}${text.join("\n  ")}`);
  };
  for (const target of activeTargets) add(target, "");
  for (const target of droppedTargets) add(target, "dropped ");
  for (const list of Object.values(out)) list.sort();
  return out;
}

/** Waits until our server and Prometheus have discovered equal targets, and `complete` accepts them. */
const agreement = (complete: (found: Record<string, string[]>) => boolean): Promise<Record<string, string[]>> =>
  eventually("both servers find the same", async () => {
    const [own, peer] = await Promise.all([discovered(ours), discovered(theirs)]);
    expect(own).toEqual(peer);
    if (!complete(own)) throw new Error(`not all there yet: ${JSON.stringify(own, undefined, 1)}`);
    return own;
  });

const about = (found: readonly string[] | undefined, text: string): string[] =>
  (found ?? []).filter((target) => target.includes(text));

beforeAll(async () => {
  if (absent) return;
  const workplace = new Workplace();
  cleanups.push(() => workplace[Symbol.dispose]());
  startContainers();
  startSwarm();
  const start = (kind: "narthex" | "prometheus") => serve(kind, workplace, kind, { config: CONFIG, flags: [] });
  [ours, theirs] = await Promise.all([start("narthex"), start("prometheus")]);
  cleanups.push(
    () => ours[Symbol.asyncDispose](),
    () => theirs[Symbol.asyncDispose](),
  );
});

afterAll(async () => {
  for (const cleanup of cleanups.reverse()) await cleanup();
});

test.skipIf(absent)("containers, services, tasks and nodes are discovered as by Prometheus", async () => {
  const found = await agreement(
    ({ tasks, services: all }) =>
      about(tasks, "task_state=running").length === (tasks ?? []).length &&
      about(tasks, "task_container_id").length === (tasks ?? []).length &&
      (tasks ?? []).length >= 5 &&
      (all ?? []).length === 2,
  );
  const own = (name: string): string => `container_name=/${named(name)}\n`;
  // Expects targets for the published ports 9000 and 9001, which exist for IPv4 and IPv6.
  expect(about(found["first"], own("ports"))).toHaveLength(6);
  expect(about(found["every"], own("ports"))).toHaveLength(12);
  expect(about(found["every"], own("child"))).toHaveLength(2);
  expect(about(found["every"], own("host"))[0]).toMatch(/^__address__=here:81\n/);
  expect(about(found["first"], own("udp"))[0]).toMatch(/^dropped /);
  expect(about(found["first"], own("stopped"))[0]).toMatch(/^__address__=:80\n/);
  expect(about(found["every"], own("stopped"))).toEqual([]);
  expect(about(found["tasks"], "port_publish_mode=host")).not.toEqual([]);
  expect(about(found["nodes"], "node_role=manager")).toHaveLength(1);
});

test.skipIf(absent)("removed objects disappear in both servers, and the others stay unchanged", async () => {
  docker("rm", "-f", named("plain"));
  docker("service", "rm", named("web"));
  const found = await agreement(
    ({ first, services: all }) =>
      about(first, `${named("plain")}\n`).length === 0 && about(all, `service_name=${named("web")}`).length === 0,
  );
  expect(about(found["first"], `${named("ports")}\n`)).toHaveLength(6);
  expect(about(found["services"], `service_name=${named("over")}`)).toHaveLength(1);
});
