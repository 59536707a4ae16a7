import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { numbered, pageOf, type ServedAnswer, type ServedKind, type ServedRequest } from "../../testing/served-kind.ts";

const TOKEN = "canary-scaleway";
const PROJECT = "20b3d507-96ac-454c-a795-bc731b46b12f";
const ZONE = "fr-par-1";

/** A list of the API: its field in the answer, and its items. */
interface ServedList {
  readonly name: string;
  readonly items: readonly unknown[];
}

/** Returns the served API of one role, as in https://www.scaleway.com/en/developers/api. */
const served = (
  role: string,
  listsOf: (count: number) => ReadonlyMap<string, ServedList>,
  skipped: number,
): ServedKind => ({
  key: "scaleway_sd_configs",
  role,
  isInPrometheus: true,
  section({ url, folder }) {
    // A secret key in the section has to be a UUID, which cannot contain the text that tests search for.
    const file = join(folder, "scaleway-secret-key");
    writeFileSync(file, `${TOKEN}\n`);
    return (
      `role: ${role}\nport: 9100\nproject_id: ${PROJECT}\napi_url: ${url}\naccess_key: SCWXXXXXXXXXXXXXXXXX\n` +
      `secret_key_file: ${file}\ntags_filter: [web, prod]\nname_filter: scw`
    );
  },
  serve(count) {
    const lists = listsOf(count);
    return (request) => answer(request, lists);
  },
  fewestTargets: (instances) => instances - (skipped === 0 ? 0 : Math.floor(instances / skipped)),
});

function answer({ path, query, headers }: ServedRequest, lists: ReadonlyMap<string, ServedList>): ServedAnswer {
  if (headers["x-auth-token"] !== TOKEN) return { status: 401, body: { message: "authentication is denied" } };
  const list = lists.get(path);
  if (list === undefined) return { status: 404, body: { message: "resource is not found" } };
  const isFiltered = path.endsWith("/servers");
  if (isFiltered && (query.getAll("tags").join(",") !== "web,prod" || query.get("name") !== "scw"))
    return { status: 400, body: { message: "invalid argument(s)" } };
  const ids = query.getAll("resource_ids");
  const all =
    ids.length === 0 ? list.items : list.items.filter((item) => ids.includes((item as NetworkAddress).resource.id));
  const size = Math.min(Number(query.get("page_size") ?? query.get("per_page") ?? 50), 100);
  const { items } = pageOf(all, size, String((Number(query.get("page") ?? 1) - 1) * size));
  return {
    headers: { "x-total-count": String(all.length) },
    body: { [list.name]: items, total_count: all.length },
  };
}

/** An address of Scaleway's IP address management. */
interface NetworkAddress {
  readonly resource: { readonly id: string };
}

const ip = (address: string, family: string): object => ({
  id: "9b8d2d2c-1111-4222-8333-444444444444",
  address,
  gateway: "62.210.0.1",
  netmask: "32",
  family,
  dynamic: false,
  provisioning_mode: "dhcp",
});

/** Returns the addresses of an instance: only a private network card, none, old fields or a private address. */
function addressesOf(i: number): object {
  const none = { private_ip: null, public_ip: null, public_ips: [], ipv6: null };
  if (i % 10 === 0) return { ...none, private_nics: [] };
  if (i % 5 === 0) return { ...none, private_nics: [{ id: `nic-${i}`, mac_address: "02:00:00:00:00:01" }] };
  const publicIp = ip(`51.158.183.${i % 250}`, "inet");
  const publicIps = [publicIp, ip(`2001:BC8:630:1e1c:0:0:0:${i % 250}`, "inet6")];
  if (i % 3 === 0) return { ...none, public_ip: publicIps[1], public_ips: publicIps, private_nics: [] };
  if (i % 2 === 0) {
    const ipv6 = { address: `2001:bc8:1830:20::${i % 250}`, gateway: "2001:bc8:1830:20::", netmask: "127" };
    return { ...none, public_ip: publicIp, public_ips: publicIps, ipv6, private_nics: [] };
  }
  return { ...none, private_ip: `10.194.60.${i % 250}`, public_ip: publicIp, public_ips: [publicIp], private_nics: [] };
}

const instance = (i: number): unknown => ({
  id: `93c18a61-b681-49d0-a1cc-${String(i).padStart(12, "0")}`,
  name: `scw-nervous-shirley-${i}`,
  arch: "x86_64",
  commercial_type: "DEV1-S",
  boot_type: "local",
  organization: "cb334986-b054-4725-9d3a-40850fdc6015",
  project: PROJECT,
  hostname: `scw-nervous-shirley-${i}`,
  image:
    i % 4 === 0
      ? null
      : {
          id: "45a86b35-eca6-4055-9b34-ca69845da146",
          name: "Ubuntu 20.04 Focal Fossa",
          arch: "x86_64",
          default_bootscript: null,
          extra_volumes: {},
          organization: "cb334986-b054-4725-9d3a-40850fdc6015",
          state: "available",
          zone: ZONE,
        },
  volumes: {},
  tags: i % 2 === 0 ? ["web", "prod"] : [],
  state: i % 6 === 0 ? "stopped" : "running",
  protected: false,
  state_detail: "booted",
  extra_networks: [],
  dynamic_ip_required: true,
  enable_ipv6: true,
  creation_date: "2020-06-22T13:13:03.654131+00:00",
  modification_date: "2020-06-22T13:14:34.302811+00:00",
  bootscript: null,
  security_group: i % 4 === 0 ? null : { id: "a6a794b7-c05b-4354-b9fe-0862588d8fd9", name: "Default security group" },
  location:
    i % 6 === 0 ? null : { zone_id: "par1", platform_id: "14", cluster_id: "40", hypervisor_id: "1601", node_id: "29" },
  maintenances: [],
  allowed_actions: ["poweroff"],
  placement_group: null,
  zone: ZONE,
  ...addressesOf(i),
});

const networkAddresses = (i: number): readonly unknown[] =>
  ["10.1.0.1/24", "fd00:1::1/64"].map((address, n) => ({
    id: `address-${i}-${n}`,
    address: n === 0 ? `10.1.0.${i % 250}/24` : address,
    project_id: PROJECT,
    is_ipv6: n === 1,
    created_at: "2023-10-01T00:00:00Z",
    updated_at: "2023-10-01T00:00:00Z",
    source: { private_network_id: "a" },
    resource: { type: "instance_private_nic", id: `nic-${i}`, mac_address: "02:00:00:00:00:01", name: `scw-${i}` },
    tags: [],
    reverses: [],
    region: "fr-par",
    zone: null,
  }));

const baremetalServer = (i: number): unknown => ({
  id: `bd694cfe-ca6d-4e74-9a3f-${String(i).padStart(12, "0")}`,
  organization_id: "cb334986-b054-4725-9d3a-40850fdc6015",
  project_id: PROJECT,
  name: `scw-baremetal-${i}`,
  description: "",
  updated_at: "2021-05-12T14:14:02.342378Z",
  created_at: "2021-05-12T14:14:02.342378Z",
  status: i % 4 === 0 ? "ordered" : "ready",
  offer_id: i % 5 === 0 ? "unknown" : "25dcf38b-c90c-4b18-97a2-6956e9d1e113",
  offer_name: "EM-A210R-HDD",
  tags: i % 2 === 0 ? ["web", "prod"] : [],
  ips:
    i % 3 === 0
      ? [{ id: "6", address: `2001:bc8:701:40::${i % 250}`, reverse: "", version: "IPv6", reverse_status: "active" }]
      : [
          { id: "6", address: `2001:bc8:701:40::${i % 250}`, reverse: "", version: "IPv6", reverse_status: "active" },
          { id: "4", address: `62.210.0.${i % 250}`, reverse: "", version: "IPv4", reverse_status: "active" },
        ],
  domain: "",
  boot_type: "normal",
  zone: ZONE,
  install: i % 4 === 0 ? null : { os_id: "03b7f4ba-a6a1-4305-984e-b54fafbf1681", hostname: "h", status: "completed" },
  ping_status: "ping_status_up",
  options: [],
  rescue_server: null,
});

export const servedScalewayInstances = served(
  "instance",
  (count) =>
    new Map([
      [`/instance/v1/zones/${ZONE}/servers`, { name: "servers", items: numbered(count, instance) }],
      ["/ipam/v1/regions/fr-par/ips", { name: "ips", items: numbered(count, networkAddresses).flat() }],
    ]),
  10,
);

export const servedScalewayBaremetal = served(
  "baremetal",
  (count) =>
    new Map<string, ServedList>([
      [`/baremetal/v1/zones/${ZONE}/servers`, { name: "servers", items: numbered(count, baremetalServer) }],
      [
        `/baremetal/v1/zones/${ZONE}/offers`,
        { name: "offers", items: [{ id: "25dcf38b-c90c-4b18-97a2-6956e9d1e113", name: "EM-A210R-HDD", stock: "low" }] },
      ],
      [
        `/baremetal/v1/zones/${ZONE}/os`,
        { name: "os", items: [{ id: "03b7f4ba-a6a1-4305-984e-b54fafbf1681", name: "Ubuntu", version: "20.04 LTS" }] },
      ],
    ]),
  0,
);
