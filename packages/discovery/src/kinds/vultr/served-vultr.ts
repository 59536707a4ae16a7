import { bearer, numbered, pageOf, type ServedKind } from "../../testing/served-kind.ts";

/** The API as in https://www.vultr.com/api/#operation/list-instances. */
export const servedVultr: ServedKind = {
  key: "vultr_sd_configs",
  role: "",
  isInPrometheus: true,
  section: ({ viaProxy }) => `port: 9100\nbearer_token: canary-vultr\n${viaProxy}`,
  serve(count) {
    const instances = numbered(count, instance);
    return ({ host, path, query, headers }) => {
      if (headers.authorization !== bearer("canary-vultr"))
        return { status: 401, body: { error: "Invalid API token." } };
      if (host !== "api.vultr.com" || path !== "/v2/instances") return { status: 404 };
      const { items, next } = pageOf(instances, Number(query.get("per_page")), query.get("cursor") ?? "");
      return { body: { instances: items, meta: { total: count, links: { next, prev: "" } } } };
    };
  },
};

const instance = (i: number): unknown => ({
  id: `4f0f12e5-1f84-404f-aa84-${i}`,
  os: "CentOS SELinux 8 x64",
  ram: 2048,
  disk: 55,
  main_ip: `192.0.2.${i % 250}`,
  vcpu_count: 1,
  region: "atl",
  plan: "vc2-6c-16gb",
  date_created: "2020-10-10T01:56:20+00:00",
  status: "active",
  allowed_bandwidth: 2000,
  netmask_v4: "255.255.252.0",
  gateway_v4: "192.0.2.1",
  power_status: "running",
  server_status: "ok",
  v6_network: "2001:0db8:1112:18fb::",
  v6_main_ip: "2001:0db8:1112:18fb:0200:00ff:fe00:0000",
  v6_network_size: 64,
  label: `Example Instance ${i}`,
  internal_ip: i % 3 === 0 ? "" : `10.1.0.${i % 250}`,
  hostname: "my-hostname",
  tag: "",
  tags: i % 2 === 0 ? ["production", "web"] : [],
  os_id: 362,
  app_id: 0,
  features: ["ddos_protection", "ipv6"],
});
