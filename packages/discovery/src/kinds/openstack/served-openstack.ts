import { numbered, pageOf, type ServedAnswer, type ServedKind, type ServedRequest } from "../../testing/served-kind.ts";

const TOKEN = "canary-openstack-token";

/**
 * The APIs as in https://docs.openstack.org/api-ref/identity/v3/, …/compute/, …/network/v2/ and …/load-balancer/v2/, of a
 * cloud with this number of instances, hypervisors and load balancers.
 */
const serve = (count: number) => {
  const lists = new Map<string, readonly [key: string, items: readonly unknown[]]>([
    ["/compute/v2.1/servers/detail", ["servers", numbered(count, openstackServer)]],
    ["/compute/v2.1/os-hypervisors/detail", ["hypervisors", numbered(count, hypervisor)]],
    ["/network/v2.0/ports", ["ports", numbered(count, (i) => ({ id: `port-${i}`, device_id: `server-${i}` }))]],
    ["/network/v2.0/floatingips", ["floatingips", numbered(count, floatingIp)]],
    ["/load-balancer/v2.0/lbaas/loadbalancers", ["loadbalancers", numbered(count, loadBalancer)]],
    ["/load-balancer/v2.0/lbaas/listeners", ["listeners", numbered(count, listener)]],
  ]);
  return (request: ServedRequest): ServedAnswer => {
    const { path, query, headers } = request;
    const origin = `http://${headers.host}`;
    if (path === "/identity/") return { status: 300, body: { versions: { values: versions(origin) } } };
    if (path === "/identity/v3/auth/tokens") return issue(request, origin);
    if (headers["x-auth-token"] !== TOKEN)
      return { status: 401, body: { error: { code: 401, title: "Unauthorized" } } };
    const list = lists.get(path);
    if (list === undefined) return { status: 404, body: { message: "The resource could not be found." } };
    const [key, all] = list;
    const { items, next } = pageOf(all, 100, query.get("marker") ?? "");
    const links = next === "" ? {} : { [`${key}_links`]: [{ rel: "next", href: `${origin}${path}?marker=${next}` }] };
    return { body: { [key]: items, ...links } };
  };
};

const versions = (origin: string) => [
  { id: "v2.0", status: "deprecated", links: [{ rel: "self", href: `${origin}/identity/v2.0/` }] },
  { id: "v3.14", status: "stable", links: [{ rel: "self", href: `${origin}/identity/v3/` }] },
];

/** Issues a token to the users whose secrets this API knows. */
function issue({ method, body }: ServedRequest, origin: string): ServedAnswer {
  if (method !== "POST" || !/"(?:password|secret)":"canary-openstack"/.test(body)) {
    return {
      status: 401,
      body: { error: { code: 401, message: "The request you have made requires authentication." } },
    };
  }
  const services = ["compute/v2.1", "network", "load-balancer"];
  const catalog = services.map((path) => ({
    type: path.split("/")[0],
    name: "any",
    endpoints: ["admin", "internal", "public"].flatMap((kind) =>
      ["RegionTwo", "RegionOne"].map((region) => ({
        interface: kind,
        region,
        region_id: region,
        url: `${origin}/${kind === "public" && region === "RegionOne" ? "" : "elsewhere/"}${path}`,
      })),
    ),
  }));
  const token = { methods: ["password"], expires_at: "2100-01-01T00:00:00.000000Z", catalog };
  return { status: 201, headers: { "x-subject-token": TOKEN }, body: { token } };
}

const openstack = (role: string, more: Pick<ServedKind, "isInVmagent" | "fewestTargets"> = {}): ServedKind => ({
  key: "openstack_sd_configs",
  role,
  isInPrometheus: false,
  ...more,
  serve,
  section: ({ url }) =>
    `identity_endpoint: ${url}/identity/v3\nusername: reader\npassword: canary-openstack\ndomain_name: Default\n` +
    `project_name: narthex\nregion: RegionOne\nrole: ${role}\nport: 9100\n`,
});

export const servedOpenstackInstances = openstack("instance", { isInVmagent: true });
export const servedOpenstackHypervisors = openstack("hypervisor", { isInVmagent: true });
export const servedOpenstackLoadBalancers = openstack("loadbalancer", {
  fewestTargets: (count) => count - Math.trunc(count / 4),
});

/** Returns an instance with a floating address, and in some cases with a second pool or without an image. */
export const openstackServer = (i: number): Readonly<Record<string, unknown>> => ({
  id: `server-${i}`,
  name: `web-${i}`,
  status: i % 5 === 0 ? "SHUTOFF" : "ACTIVE",
  tenant_id: "6f70656e737461636b20342065766572",
  user_id: "fake",
  image: i % 3 === 0 ? "" : { id: "70a599e0-31e7-49b7-b260-868f441e862b", links: [] },
  flavor: { id: "1", links: [] },
  metadata: { "My Server": `no ${i}`, empty: "" },
  addresses: {
    private: [
      { version: 4, addr: `10.0.${Math.trunc(i / 250)}.${i % 250}`, "OS-EXT-IPS:type": "fixed" },
      ...(i % 2 === 0
        ? []
        : [{ version: 4, addr: `198.51.${Math.trunc(i / 250)}.${i % 250}`, "OS-EXT-IPS:type": "floating" }]),
    ],
    ...(i % 4 === 0 && { storage: [{ version: 6, addr: `2001:db8::${i}`, "OS-EXT-IPS:type": "fixed" }] }),
  },
});

/** Returns a floating address: bound to an instance, or to a load balancer, or to nothing. */
const floatingIp = (i: number): unknown => ({
  id: `floating-${i}`,
  floating_ip_address: `198.51.${Math.trunc(i / 250)}.${i % 250}`,
  fixed_ip_address: i % 2 === 0 ? null : `10.0.${Math.trunc(i / 250)}.${i % 250}`,
  port_id: i % 2 === 0 ? (i % 6 === 0 ? null : `vip-port-${i}`) : `port-${i}`,
});

const hypervisor = (i: number): unknown => ({
  id: i,
  hypervisor_hostname: `node-${i}.example.org`,
  host_ip: `172.16.${Math.trunc(i / 250)}.${i % 250}`,
  hypervisor_type: "QEMU",
  hypervisor_version: 2_010_001,
  state: i % 5 === 0 ? "down" : "up",
  status: "enabled",
});

export const loadBalancer = (i: number): Readonly<Record<string, unknown>> => ({
  id: `lb-${i}`,
  name: `balancer ${i}`,
  project_id: "fcad67a6189847c4aecfa3c81a05783b",
  vip_address: `10.9.${Math.trunc(i / 250)}.${i % 250}`,
  vip_port_id: `vip-port-${i}`,
  operating_status: "ONLINE",
  provisioning_status: "ACTIVE",
  availability_zone: i % 3 === 0 ? null : "az1",
  provider: "octavia",
  tags: i % 2 === 0 ? ["a", "b"] : [],
});

/** Returns a listener for Prometheus, except for each fourth load balancer. */
const listener = (i: number): unknown => ({
  id: `listener-${i}`,
  protocol: i % 4 === 0 ? "HTTP" : "PROMETHEUS",
  protocol_port: i % 4 === 0 ? 80 : 8088,
  loadbalancers: [{ id: `lb-${i}` }],
});
