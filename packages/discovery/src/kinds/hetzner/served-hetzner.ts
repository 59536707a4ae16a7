import { basic, bearer, numbered, pageOf, type ServedKind } from "../../testing/served-kind.ts";

const TOKEN = "canary-hetzner";

/** The API of Hetzner Cloud as in https://docs.hetzner.cloud/reference/cloud. */
export const servedHetznerCloud: ServedKind = {
  key: "hetzner_sd_configs",
  role: "hcloud",
  isInPrometheus: true,
  section: ({ viaProxy }) => `role: hcloud\nport: 9100\nbearer_token: ${TOKEN}\nlabel_selector: env!=test\n${viaProxy}`,
  serve(count) {
    const lists = new Map([
      ["/v1/servers", numbered(count, cloudServer)],
      ["/v1/networks", numbered(60, network)],
    ]);
    return ({ host, path, query, headers }) => {
      if (headers.authorization !== bearer(TOKEN))
        return { status: 401, body: { error: { code: "unauthorized", message: "unable to authenticate" } } };
      const all = lists.get(path);
      if (host !== "api.hetzner.cloud" || all === undefined)
        return { status: 404, body: { error: { code: "not_found" } } };
      if (path === "/v1/servers" && query.get("label_selector") !== "env!=test") return { status: 400 };
      const [page, size] = [Number(query.get("page") ?? 1), Number(query.get("per_page") ?? 25)];
      const { items, next } = pageOf(all, size, String((page - 1) * size));
      const pagination = {
        page,
        per_page: size,
        previous_page: page === 1 ? null : page - 1,
        next_page: next === "" ? null : page + 1,
        last_page: Math.ceil(all.length / size),
        total_entries: all.length,
      };
      return { body: { [path.slice("/v1/".length)]: items, meta: { pagination } } };
    };
  },
};

const LOCATION = {
  id: 1,
  name: "fsn1",
  description: "Falkenstein DC Park 1",
  country: "DE",
  city: "Falkenstein",
  latitude: 50.47612,
  longitude: 12.370071,
  network_zone: "eu-central",
};

const network = (i: number): unknown => ({
  id: 4700 + i,
  name: `my network/${i}`,
  ip_range: "10.0.0.0/16",
  subnets: [],
  routes: [],
  servers: [],
  protection: { delete: false },
  labels: {},
  created: "2016-01-30T23:50:00+00:00",
});

const cloudServer = (i: number): unknown => ({
  id: i,
  name: `my-server-${i}`,
  status: i % 5 === 0 ? "off" : "running",
  created: "2016-01-30T23:50:00+00:00",
  public_net: {
    ipv4: i % 6 === 0 ? null : { ip: `203.0.113.${i % 250}`, blocked: false, dns_ptr: `server-${i}.example.com` },
    ipv6: i % 4 === 0 ? null : { ip: `2001:db8:${i}::/64`, blocked: false, dns_ptr: [] },
    floating_ips: [],
  },
  private_net:
    i % 2 === 0
      ? [
          { network: 4701, ip: `10.0.1.${i % 250}`, alias_ips: [], mac_address: "86:00:ff:2a:7d:e1" },
          { network: 4760, ip: `10.0.2.${i % 250}`, alias_ips: [], mac_address: "86:00:ff:2a:7d:e2" },
        ]
      : [],
  server_type: {
    id: 1,
    name: "cx11",
    description: "CX11",
    cores: 1,
    memory: 1.5,
    disk: 25,
    deprecated: true,
    prices: [],
    storage_type: "local",
    cpu_type: "shared",
    architecture: "x86",
  },
  location: LOCATION,
  datacenter: {
    id: 1,
    name: "fsn1-dc8",
    description: "Falkenstein 1 DC 8",
    location: LOCATION,
    server_types: { supported: [1], available: [1], available_for_migration: [1] },
  },
  image:
    i % 3 === 0
      ? null
      : {
          id: 4711,
          type: "system",
          status: "available",
          name: "ubuntu-20.04",
          description: "Ubuntu 20.04 Standard 64 bit",
          image_size: 2.3,
          disk_size: 10,
          created: "2016-01-30T23:50:00+00:00",
          os_flavor: "ubuntu",
          os_version: "20.04",
          architecture: "x86",
          labels: {},
          protection: { delete: false },
        },
  iso: null,
  rescue_enabled: false,
  locked: false,
  backup_window: null,
  outgoing_traffic: null,
  ingoing_traffic: null,
  included_traffic: 654_321,
  protection: { delete: false, rebuild: false },
  labels: i % 2 === 0 ? { "example.com/my": "label", env: "prod", empty: "" } : {},
  volumes: [],
  load_balancers: [],
  primary_disk_size: 50,
  placement_group: null,
});

/** The webservice of dedicated servers as in https://robot.hetzner.com/doc/webservice/en.html#get-server. */
export const servedHetznerRobot: ServedKind = {
  key: "hetzner_sd_configs",
  role: "robot",
  isInPrometheus: true,
  section: ({ viaProxy }) => `role: robot\nport: 9100\nbasic_auth: {username: user, password: ${TOKEN}}\n${viaProxy}`,
  serve(count) {
    const servers = numbered(count, dedicatedServer);
    return ({ host, path, headers }) => {
      if (headers.authorization !== basic("user", TOKEN))
        return { status: 401, body: { error: { status: 401, code: "UNAUTHORIZED", message: "Unauthorized" } } };
      if (host !== "robot-ws.your-server.de" || path !== "/server") return { status: 404 };
      return { body: servers };
    };
  },
};

const dedicatedServer = (i: number): unknown => ({
  server: {
    server_ip: `123.123.123.${i % 250}`,
    server_ipv6_net: `2a01:4f8:111:${i}::`,
    server_number: 320 + i,
    server_name: `server${i}`,
    product: "DS 3000",
    dc: "NBG1-DC1",
    traffic: "5 TB",
    status: i % 5 === 0 ? "in process" : "ready",
    cancelled: i % 4 === 0,
    paid_until: "2010-09-02",
    ip: [`123.123.123.${i % 250}`],
    subnet:
      i % 3 === 0
        ? [
            { ip: "123.123.124.0", mask: "29" },
            { ip: `2a01:4f8:111:${i}::`, mask: "64" },
            { ip: "2a01:4f8:112::", mask: "64" },
          ]
        : [],
  },
});
