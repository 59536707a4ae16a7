import { decodeYaml } from "@narthex/config";
import { expect, test } from "vitest";
import { startWith, targetsOf } from "../../testing/one-answer.ts";
import { ionosDiscoverer } from "./ionos.ts";

const section = (_: string, viaProxy: string): string => `datacenter_id: dc\nbearer_token: token\n${viaProxy}`;

const nics = (...items: readonly unknown[]): object => ({ nics: { items } });

const server = {
  id: "server-id",
  metadata: { state: "AVAILABLE" },
  properties: {
    name: "web",
    availabilityZone: "AUTO",
    cpuFamily: "INTEL_SKYLAKE",
    vmState: "RUNNING",
    type: "ENTERPRISE",
    bootCdrom: { id: "cdrom" },
    bootVolume: { id: "volume" },
  },
  entities: {
    volumes: { items: [{ properties: { image: "image" } }, { properties: { image: "other" } }] },
    ...nics(
      { properties: { name: "my nic", ips: ["192.0.2.1", "192.0.2.2"] } },
      { properties: { ips: ["192.0.2.3"] } },
      { properties: { name: "my nic", ips: ["192.0.2.4"] } },
      {},
    ),
  },
};

test("a server has all labels, and the address of its last network card comes first", async () => {
  expect(await targetsOf(ionosDiscoverer, section, { body: { id: "dc/servers", items: [server] } })).toEqual([
    {
      __address__: "192.0.2.4:80",
      __meta_ionos_server_availability_zone: "AUTO",
      __meta_ionos_server_boot_cdrom_id: "cdrom",
      __meta_ionos_server_boot_image_id: "image",
      __meta_ionos_server_boot_volume_id: "volume",
      __meta_ionos_server_cpu_family: "INTEL_SKYLAKE",
      __meta_ionos_server_id: "server-id",
      __meta_ionos_server_ip: ",192.0.2.4,192.0.2.3,192.0.2.1,192.0.2.2,",
      __meta_ionos_server_lifecycle: "AVAILABLE",
      __meta_ionos_server_name: "web",
      __meta_ionos_server_nic_ip_my_nic: ",192.0.2.4,192.0.2.1,192.0.2.2,",
      __meta_ionos_server_nic_ip_unnamed: ",192.0.2.3,",
      __meta_ionos_server_servers_id: "dc/servers",
      __meta_ionos_server_state: "RUNNING",
      __meta_ionos_server_type: "ENTERPRISE",
    },
  ]);
});

test("a server without addresses is no target, and missing fields are no labels", async () => {
  const items = [
    { id: "1" },
    { id: "2", entities: nics({ properties: { name: "x", ips: [] } }) },
    { id: "3", entities: nics({ properties: { name: "x", ips: ["2001:db8::1"] } }, { properties: { name: "y" } }) },
  ];
  expect(await targetsOf(ionosDiscoverer, section, { body: { items } })).toEqual([
    {
      __address__: "[2001:db8::1]:80",
      __meta_ionos_server_id: "3",
      __meta_ionos_server_ip: ",2001:db8::1,",
      __meta_ionos_server_nic_ip_x: ",2001:db8::1,",
      __meta_ionos_server_nic_ip_y: ",,",
    },
  ]);
});

test("a request is repeated while the service is overloaded", async () => {
  const statuses = [503, 429];
  const { api, run } = await startWith(ionosDiscoverer, section, () => ({
    status: statuses.shift() ?? 200,
    body: { items: [server] },
  }));
  const [group] = await run.advanceToNext(50);
  expect(group!.targets).toHaveLength(1);
  expect(api.requests).toHaveLength(3);
  expect(run.logger.lines).toEqual([]);
});

test.each([
  ["port: 1", "datacenter id can't be empty"],
  ['datacenter_id: ""', "datacenter id can't be empty"],
  ["datacenter_id: a\nnope: 1", "field nope not found in type ionos.plain"],
])("%j is refused", (yaml, message) => {
  expect(decodeYaml(yaml, "test.yml", ionosDiscoverer.codec)).toMatchObject({ ok: false, problems: [{ message }] });
});
