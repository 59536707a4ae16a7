import { decodeYaml } from "@narthex/config";
import { expect, test } from "vitest";
import { DiscovererRun } from "../../testing/discoverer-run.ts";
import { labelsOf, refreshError, startWith, targetsOf } from "../../testing/one-answer.ts";
import type { ServedRequest } from "../../testing/served-kind.ts";
import { hostName } from "./host-name.ts";
import { kumaMetrics } from "./kuma-metrics.ts";
import { kumaDiscoverer } from "./kuma.ts";

const TYPE = "type.googleapis.com/kuma.observability.v1.MonitoringAssignment";
const section = (url: string): string => `server: ${url}/x?y=1\nclient_id: c`;

const assignment = {
  "@type": TYPE,
  mesh: "m",
  service: "s",
  labels: { "a.b": "assignment", c: "d" },
  targets: [
    { name: "n", scheme: "https", address: "h:1", metricsPath: "/m", labels: { "a-b": "target", "kuma.io/zone": "z" } },
  ],
};

test("a target has the labels of its assignment, which take precedence over its own", async () => {
  const body = {
    versionInfo: "1",
    nonce: "2",
    typeUrl: TYPE,
    resources: [assignment, { "@type": `x/${TYPE.split("/")[1]!}` }],
  };
  expect(await targetsOf(kumaDiscoverer, section, { body })).toEqual([
    {
      __address__: "h:1",
      __scheme__: "https",
      __metrics_path__: "/m",
      instance: "n",
      __meta_kuma_mesh: "m",
      __meta_kuma_service: "s",
      __meta_kuma_dataplane: "n",
      __meta_kuma_label_a_b: "assignment",
      __meta_kuma_label_c: "d",
      __meta_kuma_label_kuma_io_zone: "z",
    },
  ]);
});

/** Answers with one target in version 1, and without targets in version 2. Then nothing changes. */
function versions({ body }: ServedRequest) {
  const { version_info: known = "0" } = JSON.parse(body) as { readonly version_info?: string };
  const version = Number(known) + 1;
  const resources = version === 1 ? [assignment] : [];
  return version > 2
    ? { status: 304 }
    : { body: { version_info: String(version), nonce: `n${version}`, type_url: TYPE, resources } };
}

test("each request has version and nonce of the last answer, and an answer without a change keeps the targets", async () => {
  const { api, run } = await startWith(kumaDiscoverer, (url) => `${section(url)}\nfetch_timeout: 90s`, versions);
  expect(await labelsOf(run)).toHaveLength(1);
  const next = run.next();
  await run.clock.advance(15_000);
  expect((await next)[0]).toMatchObject({ source: "kuma", targets: [] });
  await run.clock.advance(15_000);
  const metrics = kumaMetrics.of(run.metrics);
  const skipped = async (): Promise<number> => (await metrics.skippedUpdates.get()).values[0]!.value;
  while ((await skipped()) === 0) await run.clock.advance(0);
  const node = { id: "c" };
  expect(api.requests.map(({ method, path, query }) => `${method} ${path}?${query.toString()}`)).toEqual(
    Array.from({ length: 3 }, () => "POST /x/v3/discovery:monitoringassignments?fetch-timeout=1m30s"),
  );
  expect(api.requests.map(({ body }) => JSON.parse(body) as unknown)).toEqual([
    { node, type_url: TYPE },
    { version_info: "1", node, type_url: TYPE, response_nonce: "n1" },
    { version_info: "2", node, type_url: TYPE, response_nonce: "n2" },
  ]);
  expect((await metrics.failures.get()).values[0]!.value).toBe(0);
});

test("after a failure the targets stay, and the same version is requested again", async () => {
  const { api, run } = await startWith(kumaDiscoverer, section, versions);
  await labelsOf(run);
  api.answer = () => ({
    body: { version_info: "9", nonce: "9", type_url: TYPE, resources: [{ "@type": TYPE, mesh: 1 }] },
  });
  await run.clock.advance(15_000);
  while (run.logger.lines.length === 0) await run.clock.advance(0);
  expect(run.groups.get("kuma")!.targets).toHaveLength(1);
  expect((await kumaMetrics.of(run.metrics).failures.get()).values[0]!.value).toBe(1);
  api.answer = versions;
  const next = run.next();
  await run.clock.advance(15_000);
  await next;
  expect(JSON.parse(api.requests.at(-1)!.body)).toMatchObject({ version_info: "1", response_nonce: "n1" });
});

test.each<[object, string]>([
  [{ status: 500, body: "no" }, "answered with HTTP status 500 Internal Server Error: no"],
  [{ body: "{" }, "answer is not JSON: "],
  [{ body: {} }, "received invalid typeURL for Kuma MADS v1 Resource: "],
  [{ body: { typeUrl: TYPE, resources: [null] } }, 'a resource of the answer has the type ""'],
  [
    { body: { typeUrl: TYPE, resources: [{ "@type": "type.googleapis.com/x" }] } },
    'has the type "type.googleapis.com/x"',
  ],
  [
    { body: { typeUrl: TYPE, resources: [{ ...assignment, labels: { a: 1 } }] } },
    "is of type number, but string is expected",
  ],
])("the answer %j is a failure", async (answer, message) => {
  expect(await refreshError(kumaDiscoverer, section, answer)).toContain(message);
});

test("a server with another scheme cannot be used", async () => {
  const run = new DiscovererRun(kumaDiscoverer, "server: grpc://kuma:5676");
  await expect(run[Symbol.asyncDispose]()).rejects.toThrow("kuma_sd: invalid xDS server URL protocol");
});

test("the client's name is the host's name in DNS, else its own name", async () => {
  const names = {
    hostname: () => "h",
    addressesOf: () => Promise.resolve(["192.0.2.1", "192.0.2.2"]),
    nameOf: (address: string) =>
      address.endsWith("2") ? Promise.resolve("h.example") : Promise.reject(new Error("no")),
  };
  const none = (): Promise<never> => Promise.reject(new Error("no"));
  expect(await hostName(names)).toBe("h.example");
  expect(await hostName({ ...names, nameOf: none })).toBe("h");
  expect(await hostName({ ...names, addressesOf: none })).toBe("h");
  expect(await hostName({ ...names, hostname: () => "", addressesOf: none })).toBe("prometheus");
  expect(await hostName()).not.toBe("");
});

test.each([
  ["{}", "kuma SD server must not be empty: ", 1],
  ["client_id: a\nserver: kuma.example", "kuma SD server must not be empty and have a scheme: kuma.example", 2],
  ["server: //u:canary@h", "kuma SD server must not be empty and have a scheme: //u:xxxxx@h", 1],
  ["server: http://h\nnope: 1", "field nope not found in type xds.plainKumaConf", 2],
])("the section %j is refused", (yaml, message, line) => {
  expect(decodeYaml(yaml, "test.yml", kumaDiscoverer.codec)).toMatchObject({
    ok: false,
    problems: [{ message, line }],
  });
});
