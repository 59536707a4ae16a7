import { bearer, numbered, pageOf, type ServedKind } from "../../testing/served-kind.ts";

const TOKEN = "canary-linode";
const REGION = '{"region": "us-east"}';

/** The API as in https://techdocs.akamai.com/linode-api/reference/get-linode-instances. */
export const servedLinode: ServedKind = {
  key: "linode_sd_configs",
  role: "",
  isInPrometheus: true,
  section: ({ viaProxy }) => `port: 9100\nregion: us-east\ntag_separator: ";"\nbearer_token: ${TOKEN}\n${viaProxy}`,
  serve(count) {
    const lists = new Map([
      ["/v4/linode/instances", numbered(count, instance)],
      ["/v4/networking/ips", numbered(count, addresses).flat()],
      ["/v4/networking/ipv6/ranges", numbered(count, range)],
    ]);
    return ({ host, path, query, headers }) => {
      if (headers.authorization !== bearer(TOKEN))
        return { status: 401, body: { errors: [{ reason: "Invalid Token" }] } };
      // The token may not read events, so the client requests the instances each time.
      if (path === "/v4/account/events") return { status: 401, body: { errors: [{ reason: "unauthorized" }] } };
      const all = lists.get(path);
      if (host !== "api.linode.com" || all === undefined)
        return { status: 404, body: { errors: [{ reason: "Not found" }] } };
      if (headers["x-filter"] !== REGION) return { status: 400, body: { errors: [{ reason: "Cannot filter" }] } };
      const [page, size] = [Number(query.get("page") ?? 1), Number(query.get("page_size") ?? 100)];
      const { items } = pageOf(all, size, String((page - 1) * size));
      return { body: { data: items, page, pages: Math.ceil(all.length / size), results: all.length } };
    };
  },
};

const slaac = (i: number): string => `2600:3c03::f03c:91ff:fe29:${i.toString(16)}`;

const instance = (i: number): unknown => ({
  id: 26_838_000 + i,
  label: `prometheus-linode-sd-exporter-${i}`,
  group: "",
  status: i % 4 === 0 ? "offline" : "running",
  created: "2021-05-12T04:23:44",
  updated: "2021-05-12T04:23:44",
  type: "g6-standard-2",
  ipv4: [`45.33.82.${i % 250}`, `96.126.108.${i % 250}`, `192.168.170.${i % 250}`],
  ipv6: i % 3 === 0 ? null : `${slaac(i)}/128`,
  image: i % 5 === 0 ? null : "linode/arch",
  region: "us-east",
  specs: { disk: 81_920, memory: 4096, vcpus: 2, gpus: 0, transfer: 4000 },
  alerts: { cpu: 180, network_in: 10, network_out: 10, transfer_quota: 80, io: 10_000 },
  backups: { enabled: i % 2 === 0, available: false, schedule: { day: null, window: null }, last_successful: null },
  hypervisor: "kvm",
  watchdog_enabled: true,
  tags: i % 2 === 0 ? ["monitoring", "web"] : [],
  host_uuid: "3a3ddd59d9a78bb8de041391075df44de62bfec8",
});

const address = (i: number, ip: string, type: string, isPublic: boolean, rdns: string | null): unknown => ({
  address: ip,
  gateway: "45.33.82.1",
  subnet_mask: "255.255.255.0",
  prefix: 24,
  type,
  public: isPublic,
  rdns,
  linode_id: 26_838_000 + i,
  region: "us-east",
});

const addresses = (i: number): readonly unknown[] => [
  address(i, `45.33.82.${i % 250}`, "ipv4", true, `li${i}.members.linode.com`),
  address(i, `96.126.108.${i % 250}`, "ipv4", true, null),
  address(i, `192.168.170.${i % 250}`, "ipv4", false, i % 2 === 0 ? "null" : null),
  address(i, slaac(i), "ipv6", true, i % 2 === 0 ? `v6-${i}.example.com` : null),
];

const range = (i: number): unknown => ({
  range: `2600:3c03:e000:${i.toString(16)}::`,
  region: "us-east",
  prefix: 64,
  route_target: slaac(i),
});
