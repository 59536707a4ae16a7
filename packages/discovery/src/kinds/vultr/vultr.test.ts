import { decodeYaml } from "@narthex/config";
import { expect, test } from "vitest";
import { refreshError, targetsOf } from "../../testing/one-answer.ts";
import { vultrDiscoverer } from "./vultr.ts";

const section = (_: string, viaProxy: string): string => `bearer_token: token\n${viaProxy}`;

/** Based on the example in https://www.vultr.com/api/#operation/list-instances. */
const instance = {
  id: "4f0f12e5",
  os: "CentOS SELinux 8 x64",
  ram: 2048,
  disk: 55,
  main_ip: "192.0.2.123",
  vcpu_count: 1,
  region: "atl",
  plan: "vc2-6c-16gb",
  status: "active",
  allowed_bandwidth: 2000,
  server_status: "ok",
  v6_main_ip: "2001:db8::1",
  label: "Example Instance",
  internal_ip: "10.1.0.3",
  hostname: "my-hostname",
  tags: ["production", "web"],
  os_id: 362,
  features: ["ddos_protection", "ipv6"],
};

test("an instance has all labels", async () => {
  expect(await targetsOf(vultrDiscoverer, section, { body: { instances: [instance] } })).toEqual([
    {
      __address__: "192.0.2.123:80",
      __meta_vultr_instance_allowed_bandwidth_gb: "2000",
      __meta_vultr_instance_disk_gb: "55",
      __meta_vultr_instance_features: ",ddos_protection,ipv6,",
      __meta_vultr_instance_hostname: "my-hostname",
      __meta_vultr_instance_id: "4f0f12e5",
      __meta_vultr_instance_internal_ip: "10.1.0.3",
      __meta_vultr_instance_label: "Example Instance",
      __meta_vultr_instance_main_ip: "192.0.2.123",
      __meta_vultr_instance_main_ipv6: "2001:db8::1",
      __meta_vultr_instance_os: "CentOS SELinux 8 x64",
      __meta_vultr_instance_os_id: "362",
      __meta_vultr_instance_plan: "vc2-6c-16gb",
      __meta_vultr_instance_ram_mb: "2048",
      __meta_vultr_instance_region: "atl",
      __meta_vultr_instance_server_status: "ok",
      __meta_vultr_instance_tags: ",production,web,",
      __meta_vultr_instance_vcpu_count: "1",
    },
  ]);
});

test("an instance without addresses is a target, as in Prometheus", async () => {
  const [labels] = await targetsOf(vultrDiscoverer, section, { body: { instances: [{ id: "new" }] } });
  expect(labels).toMatchObject({ __address__: ":80", __meta_vultr_instance_ram_mb: "0" });
});

test("a list that does not end fails the refresh", async () => {
  const body = { instances: [instance], meta: { links: { next: "bmV4dA==" } } };
  expect(await refreshError(vultrDiscoverer, section, { body })).toBe(
    'the list does not end: its page "bmV4dA==" came twice',
  );
});

test("unknown fields are refused", () => {
  expect(decodeYaml("region: atl", "test.yml", vultrDiscoverer.codec)).toMatchObject({
    ok: false,
    problems: [{ message: "field region not found in type vultr.plain" }],
  });
});
