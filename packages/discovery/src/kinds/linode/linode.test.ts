import { decodeYaml } from "@narthex/config";
import { expect, test } from "vitest";
import { labelsOf, startWith, targetsOf } from "../../testing/one-answer.ts";
import type { ServedAnswer, ServedRequest } from "../../testing/served-kind.ts";
import { linodeDiscoverer } from "./linode.ts";

const section = (_: string, viaProxy: string): string => `bearer_token: token\n${viaProxy}`;

const instance = {
  id: 26_838_044,
  label: "web-1",
  group: "g",
  status: "running",
  type: "g6-standard-2",
  ipv4: ["45.33.82.151", "96.126.108.16", "192.168.170.51", "203.0.113.9"],
  ipv6: "2600:3c03::f03c:91ff:fe29:1/128",
  image: "linode/arch",
  region: "us-east",
  specs: { disk: 81_920, memory: 4096, vcpus: 2, gpus: 1, transfer: 4000 },
  backups: { enabled: true },
  hypervisor: "kvm",
  tags: ["monitoring", "web"],
};

const ips = [
  { address: "192.168.170.51", public: false, rdns: "private.example" },
  { address: "45.33.82.151", public: true, rdns: "public.example" },
  { address: "96.126.108.16", public: true, rdns: null },
  { address: "198.51.100.7", public: true, rdns: "null" },
  { address: "2600:3c03::f03c:91ff:fe29:1", public: true, rdns: "ipv6.example" },
];

const ranges = [
  { range: "2600:3c03:e000:123::", prefix: 64, route_target: "2600:3c03::f03c:91ff:fe29:1" },
  { range: "2600:3c03:e000:999::", prefix: 64, route_target: "2600:3c03::1" },
];

/** Answers with one instance, and with these events. */
const answering =
  (events: () => ServedAnswer, instances: readonly unknown[] = [instance]) =>
  ({ path }: ServedRequest): ServedAnswer => {
    if (path === "/v4/account/events") return events();
    const lists = new Map<string, readonly unknown[]>([
      ["/v4/linode/instances", instances],
      ["/v4/networking/ips", ips],
      ["/v4/networking/ipv6/ranges", ranges],
    ]);
    return { body: { data: lists.get(path), page: 1, pages: 1, results: 1 } };
  };

const noEvents = (): ServedAnswer => ({ body: { data: [], page: 1, pages: 1, results: 0 } });

test("an instance has all labels", async () => {
  expect(await targetsOf(linodeDiscoverer, section, answering(noEvents))).toEqual([
    {
      __address__: "45.33.82.151:80",
      __meta_linode_backups: "enabled",
      __meta_linode_extra_ips: ",96.126.108.16,",
      __meta_linode_gpus: "1",
      __meta_linode_group: "g",
      __meta_linode_hypervisor: "kvm",
      __meta_linode_image: "linode/arch",
      __meta_linode_instance_id: "26838044",
      __meta_linode_instance_label: "web-1",
      __meta_linode_ipv6_ranges: ",2600:3c03:e000:123::/64,",
      __meta_linode_private_ipv4: "192.168.170.51",
      __meta_linode_private_ipv4_rdns: "private.example",
      __meta_linode_public_ipv4: "45.33.82.151",
      __meta_linode_public_ipv4_rdns: "public.example",
      __meta_linode_public_ipv6: "2600:3c03::f03c:91ff:fe29:1",
      __meta_linode_public_ipv6_rdns: "ipv6.example",
      __meta_linode_region: "us-east",
      __meta_linode_specs_disk_bytes: "85899345920",
      __meta_linode_specs_memory_bytes: "4294967296",
      __meta_linode_specs_transfer_bytes: "4194304000",
      __meta_linode_specs_vcpus: "2",
      __meta_linode_status: "running",
      __meta_linode_tags: ",monitoring,web,",
      __meta_linode_type: "g6-standard-2",
    },
  ]);
});

test.each(["96.126.108.16", "198.51.100.7"])("the address %s has no DNS name", async (address) => {
  const [labels] = await targetsOf(linodeDiscoverer, section, answering(noEvents, [{ id: 1, ipv4: [address] }]));
  expect(labels).toMatchObject({ __meta_linode_public_ipv4: address });
  expect(labels).not.toHaveProperty("__meta_linode_public_ipv4_rdns");
});

test("an instance without IPv4 address is no target, and the separator and the region come from the section", async () => {
  const bare = { id: 1, ipv4: [] };
  const { api, run } = await startWith(
    linodeDiscoverer,
    (_, viaProxy) => `region: us-east\ntag_separator: ";"\n${section("", viaProxy)}`,
    answering(noEvents, [bare, instance]),
  );
  const found = await labelsOf(run);
  expect(found.map((labels) => labels["__meta_linode_tags"])).toEqual([";monitoring;web;"]);
  expect(api.requests.map(({ headers }) => headers["x-filter"])).toEqual(Array(3).fill('{"region": "us-east"}'));
});

/** Refreshes once more, and returns the paths of the requests of this refresh. */
async function pathsOfNext({ api, run }: Awaited<ReturnType<typeof startWith>>): Promise<readonly string[]> {
  const before = api.requests.length;
  await run.advanceToNext();
  return api.requests.slice(before).map(({ path }) => path);
}

const EVERYTHING = ["/v4/linode/instances", "/v4/networking/ips", "/v4/networking/ipv6/ranges"];

test("without events the instances are requested again only at every tenth refresh", async () => {
  const started = await startWith(linodeDiscoverer, section, answering(noEvents));
  await labelsOf(started.run);
  const rounds: (readonly string[])[] = [];
  for (let i = 0; i < 10; i++) rounds.push(await pathsOfNext(started));
  expect(rounds).toEqual([
    ...Array.from({ length: 9 }, () => ["/v4/account/events"]),
    ["/v4/account/events", ...EVERYTHING],
  ]);
  expect(started.api.requests[3]!.headers["x-filter"]).toBe('{"created": {"+gte": "1970-01-01T00:00:00"}}');
});

test("after an event, and if the token may not read events, the instances are requested again", async () => {
  let events: ServedAnswer = { body: { data: [{ id: 1 }], pages: 1 } };
  const started = await startWith(
    linodeDiscoverer,
    section,
    answering(() => events),
  );
  await labelsOf(started.run);
  expect(await pathsOfNext(started)).toEqual(["/v4/account/events", ...EVERYTHING]);
  events = { status: 401, body: { errors: [{ reason: "unauthorized" }] } };
  expect(await pathsOfNext(started)).toEqual(["/v4/account/events", ...EVERYTHING]);
  expect(await pathsOfNext(started)).toEqual(EVERYTHING);
});

test("a failure of the events other than a missing permission fails the refresh", async () => {
  let events = noEvents();
  const started = await startWith(
    linodeDiscoverer,
    section,
    answering(() => events),
  );
  await labelsOf(started.run);
  events = { status: 500 };
  const before = started.api.requests.length;
  while (started.run.logger.lines.length === 0) await started.run.clock.advance(500);
  expect(started.run.logger.lines[0]!.fields["err"]).toMatch(/account\/events.* answered with HTTP status 500/);
  events = noEvents();
  await started.run.advanceToNext();
  expect(started.api.requests.slice(before).map(({ path }) => path)).not.toContain("/v4/linode/instances");
});

test("failed refreshes are counted", async () => {
  const { run } = await startWith(linodeDiscoverer, section, { status: 500 });
  while (run.logger.lines.length === 0) await run.clock.advance(0);
  const failures = (await run.self.families()).find(({ name }) => name === "prometheus_sd_linode_failures_total");
  expect(failures?.samples[0]?.value).toBe(1);
});

test("an unknown field is refused", () => {
  const message = "field nope not found in type linode.plain";
  const loaded = decodeYaml("nope: 1", "test.yml", linodeDiscoverer.codec);
  expect(loaded).toMatchObject({ ok: false, problems: [{ message }] });
});
