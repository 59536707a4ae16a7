import { decodeYaml } from "@narthex/config";
import { expect, test } from "vitest";
import { refreshError, targetsOf } from "../../testing/one-answer.ts";
import type { ServedAnswer, ServedRequest } from "../../testing/served-kind.ts";
import { hetznerDiscoverer } from "./hetzner.ts";

const cloud = (_: string, viaProxy: string): string => `role: hcloud\nbearer_token: token\n${viaProxy}`;
const robot = (_: string, viaProxy: string): string =>
  `role: robot\nport: 9100\nbasic_auth: {username: u, password: p}\n${viaProxy}`;

const location = { name: "fsn1", network_zone: "eu-central" };

const server = {
  id: 42,
  name: "my-server",
  status: "running",
  public_net: { ipv4: { ip: "1.2.3.4" }, ipv6: { ip: "2001:DB8::/64" } },
  private_net: [
    { network: 4711, ip: "10.0.0.2" },
    { network: 1, ip: "10.9.9.9" },
  ],
  server_type: { name: "cx11", cores: 1, memory: 1.9, disk: 25, cpu_type: "shared" },
  location,
  image: { name: "ubuntu-20.04", description: "Ubuntu 20.04", os_version: "20.04", os_flavor: "ubuntu" },
  labels: { "my/key": "value", empty: "" },
};

const answerWith =
  (servers: readonly unknown[]) =>
  ({ path }: ServedRequest): ServedAnswer =>
    path === "/v1/servers" ? { body: { servers } } : { body: { networks: [{ id: 4711, name: "my net" }] } };

test("a cloud server has all labels", async () => {
  expect(await targetsOf(hetznerDiscoverer, cloud, answerWith([server]))).toEqual([
    {
      __address__: "1.2.3.4:80",
      __meta_hetzner_hcloud_cpu_cores: "1",
      __meta_hetzner_hcloud_cpu_type: "shared",
      __meta_hetzner_hcloud_datacenter_location: "fsn1",
      __meta_hetzner_hcloud_datacenter_location_network_zone: "eu-central",
      __meta_hetzner_hcloud_disk_size_gb: "25",
      __meta_hetzner_hcloud_image_description: "Ubuntu 20.04",
      __meta_hetzner_hcloud_image_name: "ubuntu-20.04",
      __meta_hetzner_hcloud_image_os_flavor: "ubuntu",
      __meta_hetzner_hcloud_image_os_version: "20.04",
      __meta_hetzner_hcloud_label_my_key: "value",
      __meta_hetzner_hcloud_labelpresent_empty: "true",
      __meta_hetzner_hcloud_labelpresent_my_key: "true",
      __meta_hetzner_hcloud_location: "fsn1",
      __meta_hetzner_hcloud_location_network_zone: "eu-central",
      __meta_hetzner_hcloud_memory_size_gb: "1",
      __meta_hetzner_hcloud_private_ipv4_my_net: "10.0.0.2",
      __meta_hetzner_hcloud_server_type: "cx11",
      __meta_hetzner_public_ipv4: "1.2.3.4",
      __meta_hetzner_public_ipv6_network: "2001:db8::/64",
      __meta_hetzner_role: "hcloud",
      __meta_hetzner_server_id: "42",
      __meta_hetzner_server_name: "my-server",
      __meta_hetzner_server_status: "running",
    },
  ]);
});

test("a cloud server without public addresses has Go's text for them, as in Prometheus", async () => {
  const [labels] = await targetsOf(
    hetznerDiscoverer,
    cloud,
    answerWith([{ id: 1, public_net: { ipv4: null, ipv6: null }, image: null }]),
  );
  expect(labels).toMatchObject({
    __address__: "<nil>:80",
    __meta_hetzner_public_ipv4: "<nil>",
    __meta_hetzner_public_ipv6_network: "<nil>",
  });
  expect(Object.keys(labels!).filter((name) => name.includes("image"))).toEqual([]);
});

test("a dedicated server has all labels, with its first IPv6 network", async () => {
  const subnet = [
    { ip: "123.123.123.0", mask: "29" },
    { ip: "2a01:4f8:111:4221::", mask: "64" },
    { ip: "2a01:4f8:112::", mask: "64" },
  ];
  const dedicated = {
    server_ip: "123.123.123.123",
    server_number: 321,
    server_name: "server1",
    dc: "NBG1-DC1",
    status: "ready",
    product: "DS 3000",
    cancelled: false,
    subnet,
  };
  const body = [{ server: dedicated }, { server: { ...dedicated, cancelled: true, subnet: null } }];
  const labels = {
    __address__: "123.123.123.123:9100",
    __meta_hetzner_datacenter: "nbg1-dc1",
    __meta_hetzner_public_ipv4: "123.123.123.123",
    __meta_hetzner_robot_cancelled: "true",
    __meta_hetzner_robot_datacenter: "nbg1-dc1",
    __meta_hetzner_robot_product: "DS 3000",
    __meta_hetzner_role: "robot",
    __meta_hetzner_server_id: "321",
    __meta_hetzner_server_name: "server1",
    __meta_hetzner_server_status: "ready",
  };
  expect(await targetsOf(hetznerDiscoverer, robot, { body })).toEqual([
    {
      ...labels,
      __meta_hetzner_robot_cancelled: "false",
      __meta_hetzner_public_ipv6_network: "2a01:4f8:111:4221::/64",
    },
    labels,
  ]);
});

test("failures of the networks and endless pages fail the refresh", async () => {
  expect(
    await refreshError(hetznerDiscoverer, cloud, ({ path }) =>
      path === "/v1/servers" ? { body: { servers: [server] } } : { status: 500 },
    ),
  ).toMatch(/^https:\/\/api\.hetzner\.cloud\/v1\/networks\?.* answered with HTTP status 500 Internal Server Error$/);
  const endless = { body: { servers: [], meta: { pagination: { next_page: 1 } } } };
  expect(await refreshError(hetznerDiscoverer, cloud, endless)).toBe('the list does not end: its page "1" came twice');
  expect(await refreshError(hetznerDiscoverer, robot, { body: {} })).toBe(
    "the answer is of type object, but array is expected",
  );
});

test.each([
  ["port: 1", "role missing (one of: robot, hcloud)"],
  ["role:", "role missing (one of: robot, hcloud)"],
  ["role: x", 'unknown role "x"'],
  ["role: robot\nnope: 1", "field nope not found in type hetzner.plain"],
])("%j is refused", (yaml, message) => {
  expect(decodeYaml(yaml, "test.yml", hetznerDiscoverer.codec)).toMatchObject({ ok: false, problems: [{ message }] });
});
