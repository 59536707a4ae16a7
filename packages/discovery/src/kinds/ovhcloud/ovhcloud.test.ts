import { decodeYaml } from "@narthex/config";
import { expect, test } from "vitest";
import { labelsOf, refreshError, startWith, targetsOf } from "../../testing/one-answer.ts";
import type { ServedAnswer, ServedRequest } from "../../testing/served-kind.ts";
import { ovhcloudDiscoverer } from "./ovhcloud.ts";
import { serverAddresses } from "./server-addresses.ts";

const KEYS = "application_key: app\napplication_secret: app-secret\nconsumer_key: consumer\n";
const section =
  (service: string) =>
  (url: string): string =>
    `endpoint: ${url}/1.0\n${KEYS}service: ${service}`;

/** Answers requests for these paths. Other paths do not exist. */
const answering =
  (bodies: Readonly<Record<string, unknown>>) =>
  ({ path }: ServedRequest): ServedAnswer =>
    Object.hasOwn(bodies, path) ? { body: bodies[path] } : { status: 404, body: { message: "not found" } };

const TIME = { "/1.0/auth/time": 1_700_000_000 };

const vps = {
  zone: "zone",
  model: {
    maximumAdditionnalIp: 2,
    offer: "VPS abc",
    datacenter: ["eu", "west"],
    vcore: 4,
    version: "2019v1",
    name: "vps-value",
    disk: 40,
    memory: 2048,
  },
  displayName: "abc",
  cluster: "cluster",
  state: "running",
  name: "abc",
  netbootMode: "local",
  memoryLimit: 2048,
  offerType: "ssd",
  vcore: 1,
};

test("a virtual private server has all labels, and its address has no port", async () => {
  const found = await targetsOf(
    ovhcloudDiscoverer,
    section("vps"),
    answering({ ...TIME, "/1.0/vps": ["abc"], "/1.0/vps/abc": vps, "/1.0/vps/abc/ips": ["192.0.2.1", "2001:db8::1"] }),
  );
  expect(found).toEqual([
    {
      __address__: "192.0.2.1",
      __meta_ovhcloud_vps_cluster: "cluster",
      __meta_ovhcloud_vps_datacenter: "[eu west]",
      __meta_ovhcloud_vps_disk: "40",
      __meta_ovhcloud_vps_display_name: "abc",
      __meta_ovhcloud_vps_ipv4: "192.0.2.1",
      __meta_ovhcloud_vps_ipv6: "2001:db8::1",
      __meta_ovhcloud_vps_maximum_additional_ip: "2",
      __meta_ovhcloud_vps_memory: "2048",
      __meta_ovhcloud_vps_memory_limit: "2048",
      __meta_ovhcloud_vps_model_name: "vps-value",
      __meta_ovhcloud_vps_model_vcore: "4",
      __meta_ovhcloud_vps_name: "abc",
      __meta_ovhcloud_vps_netboot_mode: "local",
      __meta_ovhcloud_vps_offer: "VPS abc",
      __meta_ovhcloud_vps_offer_type: "ssd",
      __meta_ovhcloud_vps_state: "running",
      __meta_ovhcloud_vps_vcore: "1",
      __meta_ovhcloud_vps_version: "2019v1",
      __meta_ovhcloud_vps_zone: "zone",
      instance: "abc",
    },
  ]);
});

test("a dedicated server has all labels, and an IPv6 address has no brackets", async () => {
  const dedicated = {
    state: "ok",
    commercialRange: "Advance-1",
    linkSpeed: 123,
    rack: "RACK",
    noIntervention: false,
    os: "debian11_64",
    supportLevel: "pro",
    serverId: 1234,
    reverse: "abcde-rev",
    datacenter: "gra3",
    name: "abcde",
  };
  const path = "/1.0/dedicated/server";
  const found = await targetsOf(
    ovhcloudDiscoverer,
    section("dedicated_server"),
    answering({ ...TIME, [path]: ["abcde"], [`${path}/abcde`]: dedicated, [`${path}/abcde/ips`]: ["2001:db8::1"] }),
  );
  expect(found).toEqual([
    {
      __address__: "2001:db8::1",
      __meta_ovhcloud_dedicated_server_commercial_range: "Advance-1",
      __meta_ovhcloud_dedicated_server_datacenter: "gra3",
      __meta_ovhcloud_dedicated_server_ipv6: "2001:db8::1",
      __meta_ovhcloud_dedicated_server_link_speed: "123",
      __meta_ovhcloud_dedicated_server_name: "abcde",
      __meta_ovhcloud_dedicated_server_no_intervention: "false",
      __meta_ovhcloud_dedicated_server_os: "debian11_64",
      __meta_ovhcloud_dedicated_server_rack: "RACK",
      __meta_ovhcloud_dedicated_server_reverse: "abcde-rev",
      __meta_ovhcloud_dedicated_server_server_id: "1234",
      __meta_ovhcloud_dedicated_server_state: "ok",
      __meta_ovhcloud_dedicated_server_support_level: "pro",
      instance: "abcde",
    },
  ]);
});

test("a dedicated server with addresses of both families is scraped with IPv4", async () => {
  const path = "/1.0/dedicated/server";
  const [labels] = await targetsOf(
    ovhcloudDiscoverer,
    section("dedicated_server"),
    answering({ ...TIME, [path]: ["a"], [`${path}/a`]: {}, [`${path}/a/ips`]: ["2001:db8::1", "192.0.2.1"] }),
  );
  expect(labels).toMatchObject({
    __address__: "192.0.2.1",
    __meta_ovhcloud_dedicated_server_ipv4: "192.0.2.1",
    __meta_ovhcloud_dedicated_server_ipv6: "2001:db8::1",
  });
});

test("a server whose details fail is logged, and the others are found", async () => {
  const { run } = await startWith(
    ovhcloudDiscoverer,
    section("vps"),
    answering({ ...TIME, "/1.0/vps": ["gone", "abc"], "/1.0/vps/abc": vps, "/1.0/vps/abc/ips": ["192.0.2.1"] }),
  );
  expect((await labelsOf(run)).map(({ instance }) => instance)).toEqual(["abc"]);
  const [line] = run.logger.lines;
  expect(line!.message).toBe("ovhcloud_vps: Could not get details of gone");
  expect(line!.fields["err"]).toMatch(/\/1\.0\/vps\/gone answered with HTTP status 404 Not Found/);
});

test("a service that fails at the details of a server fails the refresh, and all targets stay", async () => {
  const whole = { ...TIME, "/1.0/vps": ["abc"], "/1.0/vps/abc": vps, "/1.0/vps/abc/ips": ["192.0.2.1"] };
  const { api, run } = await startWith(ovhcloudDiscoverer, section("vps"), answering(whole));
  await run.next();
  const { answer } = api;
  api.answer = (request) => (request.path.endsWith("/ips") ? { status: 503 } : answer(request));
  while (run.logger.lines.length === 0) await run.clock.advance(1000);
  expect(run.logger.lines[0]!.message).toMatch(/^Unable to refresh target groups/);
  expect([...run.groups.values()].map(({ targets }) => targets.length)).toEqual([1]);
});

test("requests are signed with the time of the service", async () => {
  const { api, run } = await startWith(ovhcloudDiscoverer, section("vps"), answering({ ...TIME, "/1.0/vps": [] }));
  await run.next();
  const [time, list] = api.requests;
  expect(time!.headers).not.toHaveProperty("x-ovh-signature");
  expect(list!.headers).toMatchObject({ "x-ovh-timestamp": "1700000000", "x-ovh-application": "app" });
});

test("an unknown endpoint fails the refresh, as in Prometheus", async () => {
  const error = await refreshError(ovhcloudDiscoverer, () => `endpoint: ovh-mars\n${KEYS}service: vps`, {});
  expect(error).toMatch(/^unknown endpoint 'ovh-mars': use a URL or one of ovh-eu, /);
});

test.each([
  [["192.0.2.1", "192.0.2.2"], { ipv4: "192.0.2.2", ipv6: "", first: "192.0.2.2" }],
  [["192.0.2.1/32", "198.51.100.0/24"], { ipv4: "192.0.2.1", ipv6: "", first: "192.0.2.1" }],
  [["2001:0DB8::1", "2001:db8::/64", "0.0.0.0"], { ipv4: "", ipv6: "2001:db8::1", first: "2001:db8::1" }],
])("of the addresses %j, the last single one of each family is used", (list, expected) => {
  expect(serverAddresses(list)).toEqual(expected);
});

test.each([[[]], [["2001:db8::/128"]], [["192.0.2.1", "x"]], [["192.0.2.1/a"]]])(
  "the addresses %j are refused",
  (list) => {
    expect(() => serverAddresses(list)).toThrow("could not parse IP addresses from list");
  },
);

test.each([
  [`endpoint: ""\n${KEYS}service: vps`, "endpoint can not be empty"],
  ["service: vps", "application key can not be empty"],
  ["application_key: a", "application secret can not be empty"],
  ["application_key: a\napplication_secret: b", "consumer key can not be empty"],
  [KEYS, "unknown service: "],
  [`${KEYS}service: x`, "unknown service: x"],
  [`${KEYS}service: vps\nport: 1`, "field port not found in type ovhcloud.plain"],
])("%j is refused", (yaml, message) => {
  expect(decodeYaml(yaml, "test.yml", ovhcloudDiscoverer.codec)).toMatchObject({ ok: false, problems: [{ message }] });
});
