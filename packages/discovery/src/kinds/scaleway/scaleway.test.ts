import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { decodeYaml } from "@narthex/config";
import { temporaryFolder } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { labelsOf, refreshError, startWith, targetsOf } from "../../testing/one-answer.ts";
import type { ServedAnswer, ServedRequest } from "../../testing/served-kind.ts";
import { scalewayDiscoverer } from "./scaleway.ts";

const UUID = "20b3d507-96ac-454c-a795-bc731b46b12f";
const KEYS = `project_id: ${UUID}\naccess_key: SCWXXXXXXXXXXXXXXXXX\nsecret_key: ${UUID}\n`;

const section =
  (role: string) =>
  (url: string): string =>
    `role: ${role}\napi_url: ${url}\n${KEYS}`;

/** Answers with lists by the last part of their path, one item on each page. */
const answering =
  (lists: Readonly<Record<string, readonly unknown[]>>) =>
  ({ path, query }: ServedRequest): ServedAnswer => {
    const name = path.slice(path.lastIndexOf("/") + 1);
    const items = lists[name] ?? [];
    const page = Number(query.get("page"));
    return { headers: { "x-total-count": String(items.length) }, body: { [name]: items.slice(page - 1, page) } };
  };

const server = {
  id: "server-id",
  name: "web",
  hostname: "web-host",
  organization: "org",
  project: UUID,
  state: "running",
  boot_type: "local",
  commercial_type: "DEV1-S",
  zone: "fr-par-1",
  tags: ["a", "b"],
  image: { id: "image-id", name: "Ubuntu", arch: "x86_64" },
  location: { cluster_id: "40", hypervisor_id: "1601", node_id: "29" },
  security_group: { id: "group-id", name: "Default" },
  public_ips: [
    { address: "51.158.183.115", family: "inet" },
    { address: "2001:BC8::1", family: "inet6" },
    { address: "51.158.183.116", family: "inet" },
  ],
  public_ip: { address: "51.158.183.115", family: "inet" },
  ipv6: { address: "2001:bc8:1830:20::1" },
  private_ip: "10.194.60.5",
  private_nics: [],
};

test("an instance has all labels", async () => {
  expect(await targetsOf(scalewayDiscoverer, section("instance"), answering({ servers: [server] }))).toEqual([
    {
      __address__: "10.194.60.5:80",
      __meta_scaleway_instance_boot_type: "local",
      __meta_scaleway_instance_hostname: "web-host",
      __meta_scaleway_instance_id: "server-id",
      __meta_scaleway_instance_image_arch: "x86_64",
      __meta_scaleway_instance_image_id: "image-id",
      __meta_scaleway_instance_image_name: "Ubuntu",
      __meta_scaleway_instance_location_cluster_id: "40",
      __meta_scaleway_instance_location_hypervisor_id: "1601",
      __meta_scaleway_instance_location_node_id: "29",
      __meta_scaleway_instance_name: "web",
      __meta_scaleway_instance_organization_id: "org",
      __meta_scaleway_instance_private_ipv4: "10.194.60.5",
      __meta_scaleway_instance_project_id: UUID,
      __meta_scaleway_instance_public_ipv4: "51.158.183.115",
      __meta_scaleway_instance_public_ipv4_addresses: ",51.158.183.115,51.158.183.116,",
      __meta_scaleway_instance_public_ipv6: "2001:bc8:1830:20::1",
      __meta_scaleway_instance_public_ipv6_addresses: ",2001:bc8::1,",
      __meta_scaleway_instance_region: "fr-par",
      __meta_scaleway_instance_security_group_id: "group-id",
      __meta_scaleway_instance_security_group_name: "Default",
      __meta_scaleway_instance_status: "running",
      __meta_scaleway_instance_tags: ",a,b,",
      __meta_scaleway_instance_type: "DEV1-S",
      __meta_scaleway_instance_zone: "fr-par-1",
    },
  ]);
});

test("the address is private, else public, else IPv6, else that of a private network card", async () => {
  const bare = { zone: "nl-ams-1", private_ip: null, public_ip: null, ipv6: null };
  const servers = [
    { ...bare, id: "1", public_ip: { address: "192.0.2.1" }, ipv6: { address: "2001:db8::1" } },
    { ...bare, id: "2", ipv6: { address: "2001:db8::2" }, private_nics: [{ id: "nic" }] },
    { ...bare, id: "3", public_ip: { address: "2001:db8::3", family: "inet6" } },
    { ...bare, id: "4", private_nics: [null, { id: "none" }, { id: "nic" }] },
    { ...bare, id: "5", private_nics: [{ id: "none" }] },
  ];
  const ips = [
    { address: "fd00::1/64", is_ipv6: true, resource: { id: "nic" } },
    { address: "10.1.0.4/22", is_ipv6: false, resource: { id: "nic" } },
    { address: "10.1.0.5/22", is_ipv6: false, resource: null },
  ];
  const { api, run } = await startWith(scalewayDiscoverer, section("instance"), answering({ servers, ips }));
  const found = await labelsOf(run);
  expect(
    found.map((labels) =>
      ["__address__", "__meta_scaleway_instance_public_ipv4", "__meta_scaleway_instance_private_ipv4"].map(
        (name) => labels[name],
      ),
    ),
  ).toEqual([
    ["192.0.2.1:80", "192.0.2.1", undefined],
    ["[2001:db8::2]:80", undefined, undefined],
    ["[2001:db8::3]:80", undefined, undefined],
    ["10.1.0.4:80", undefined, "10.1.0.4"],
  ]);
  const request = api.requests.find(({ path }) => path.startsWith("/ipam"));
  expect(request?.path).toBe("/ipam/v1/regions/nl-ams/ips");
  expect(request?.query.getAll("resource_ids")).toEqual(["none", "nic", "none"]);
});

const baremetal = {
  id: "server-id",
  name: "metal",
  zone: "fr-par-2",
  status: "ready",
  project_id: UUID,
  offer_id: "offer-id",
  tags: ["a"],
  ips: [
    { address: "2001:bc8::1", version: "IPv6" },
    { address: "192.0.2.1", version: "IPv4" },
    { address: "192.0.2.2", version: "IPv4" },
  ],
  install: { os_id: "os-id" },
};
const offers = [
  { id: "other", name: "x" },
  { id: "offer-id", name: "EM-A210R-HDD" },
];
const os = [{ id: "os-id", name: "Ubuntu", version: "20.04 LTS" }];

test("a bare metal server has all labels", async () => {
  const servers = [baremetal, { id: "2", zone: "fr-par-1", install: null, ips: [{ address: "::1", version: "IPv6" }] }];
  expect(await targetsOf(scalewayDiscoverer, section("baremetal"), answering({ servers, offers, os }))).toEqual([
    {
      __address__: "192.0.2.1:80",
      __meta_scaleway_baremetal_id: "server-id",
      __meta_scaleway_baremetal_name: "metal",
      __meta_scaleway_baremetal_os_name: "Ubuntu",
      __meta_scaleway_baremetal_os_version: "20.04 LTS",
      __meta_scaleway_baremetal_project_id: UUID,
      __meta_scaleway_baremetal_public_ipv4: "192.0.2.1",
      __meta_scaleway_baremetal_public_ipv6: "2001:bc8::1",
      __meta_scaleway_baremetal_status: "ready",
      __meta_scaleway_baremetal_tags: ",a,",
      __meta_scaleway_baremetal_type: "EM-A210R-HDD",
      __meta_scaleway_baremetal_zone: "fr-par-2",
    },
    {
      __address__: "[::1]:80",
      __meta_scaleway_baremetal_id: "2",
      __meta_scaleway_baremetal_public_ipv6: "::1",
      __meta_scaleway_baremetal_zone: "fr-par-1",
    },
  ]);
  const strange = { servers: [{ ips: [{ version: "IPv5" }] }] };
  expect(await refreshError(scalewayDiscoverer, section("baremetal"), answering(strange))).toBe(
    "unknown IP version: IPv5",
  );
});

test.each([
  ["instance", ["a,b"]],
  ["baremetal", ["a", "b"]],
])(
  "the filters of the section are sent with the request for role %s, and only if they are given",
  async (role, tags) => {
    for (const [filters, expected] of [
      ["name_filter: web\ntags_filter: [a, b]\n", { name: ["web"], tags }],
      ["", { name: [], tags: [] }],
    ] as const) {
      const yaml = (url: string): string => section(role)(url) + filters;
      const { api, run } = await startWith(scalewayDiscoverer, yaml, answering({}));
      await run.next();
      const { query } = api.requests[0]!;
      expect({ name: query.getAll("name"), tags: query.getAll("tags") }).toEqual(expected);
    }
  },
);

test("a secret key in a file is read for each request, and a file that is missing fails the refresh", async () => {
  const file = join(temporaryFolder(), "key");
  const yaml = (url: string): string =>
    section("instance")(url).replace(`secret_key: ${UUID}`, `secret_key_file: ${file}`);
  expect(await refreshError(scalewayDiscoverer, yaml, answering({}))).toBe(
    `unable to read auth token file ${file}: open ${file}: no such file or directory`,
  );
  writeFileSync(file, "first\n");
  const { api, run } = await startWith(scalewayDiscoverer, yaml, answering({}));
  await run.next();
  writeFileSync(file, "second\n");
  await run.advanceToNext();
  expect(api.requests.map(({ headers }) => headers["x-auth-token"])).toEqual(["first", "second"]);
});

const without = (key: string): string => `role: instance\n${KEYS.replace(new RegExp(`^${key}: .*\n`, "m"), "")}`;
const A_UUID = "expected a UUID: xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
const ZONES = "fr-par-1, fr-par-2, fr-par-3, nl-ams-1, nl-ams-2, nl-ams-3, pl-waw-1, pl-waw-2, pl-waw-3";

test.each([
  [KEYS, "role missing (one of: instance, baremetal)"],
  [`role: x\n${KEYS}`, 'unknown role "x"'],
  [without("project_id"), "project_id is mandatory"],
  [without("access_key"), "access_key is mandatory"],
  [without("secret_key"), "one of secret_key & secret_key_file must be configured"],
  [`role: instance\n${KEYS}secret_key_file: x`, "at most one of secret_key & secret_key_file must be configured"],
  [
    `${without("access_key")}access_key: scw`,
    "scaleway-sdk-go: invalid access key format 'scw', expected SCWXXXXXXXXXXXXXXXXX format",
  ],
  [`${without("secret_key")}secret_key: canary`, `scaleway-sdk-go: invalid secret key format '<secret>', ${A_UUID}`],
  [`${without("project_id")}project_id: p`, `scaleway-sdk-go: invalid project ID format 'p', ${A_UUID}`],
  [`role: instance\n${KEYS}zone: ""`, "scaleway-sdk-go: default zone cannot be empty"],
  [
    `role: instance\n${KEYS}zone: fr-par`,
    `scaleway-sdk-go: invalid default zone format 'fr-par', available zones are: ${ZONES}`,
  ],
  [
    `role: instance\n${KEYS}api_url: http://a/`,
    "scaleway-sdk-go: invalid url http://a/ it should not have a trailing slash",
  ],
  [`role: instance\n${KEYS}api_url: "http://u:canary@[a"`, "scaleway-sdk-go: invalid url http://u:xxxxx@[a"],
  [`role: instance\n${KEYS}api_url: ""`, "scaleway-sdk-go: invalid url "],
  [`role: instance\n${KEYS}nope: 1`, "field nope not found in type scaleway.plain"],
])("%j is refused", (yaml, message) => {
  expect(decodeYaml(yaml, "test.yml", scalewayDiscoverer.codec)).toMatchObject({ ok: false, problems: [{ message }] });
});
