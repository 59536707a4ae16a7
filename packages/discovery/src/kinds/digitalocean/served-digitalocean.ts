import { bearer, numbered, pageOf, type ServedKind, type ServedRequest } from "../../testing/served-kind.ts";

const TOKEN = "canary-digitalocean";

/** Returns the served API of one role, whose list is at `/v2/<list>`, as in https://docs.digitalocean.com/reference/api. */
const served = (
  role: string,
  list: string,
  make: (i: number) => unknown,
  pageSize: number,
  isInPrometheus: boolean,
): ServedKind => ({
  key: "digitalocean_sd_configs",
  role,
  isInPrometheus,
  isInVmagent: isInPrometheus,
  // Prometheus 3.5 does not know the field `role`, whose default is droplets.
  section: ({ viaProxy }) =>
    `${isInPrometheus ? "" : `role: ${role}\n`}port: 9100\nbearer_token: ${TOKEN}\n${viaProxy}`,
  serve(count) {
    const all = numbered(count, make);
    return (request) => answer(request, list, all, pageSize);
  },
});

function answer({ host, path, query, headers }: ServedRequest, list: string, all: readonly unknown[], size: number) {
  if (headers.authorization !== bearer(TOKEN))
    return { status: 401, body: { id: "Unauthorized", message: "Unable to authenticate you" } };
  if (host !== "api.digitalocean.com" || path !== `/v2/${list}`)
    return { status: 404, body: { id: "not_found", message: "The resource you were accessing could not be found." } };
  const page = Number(query.get("page") ?? 1);
  const perPage = Number(query.get("per_page") ?? size);
  const { items, next } = pageOf(all, perPage, String((page - 1) * perPage));
  const url = (to: number): string => `https://${host}${path}?page=${to}&per_page=${perPage}`;
  const pages = {
    ...(next === "" ? {} : { last: url(Math.ceil(all.length / perPage)), next: url(page + 1) }),
    ...(page === 1 ? {} : { first: url(1), prev: url(page - 1) }),
  };
  return { body: { [list]: items, links: { pages }, meta: { total: all.length } } };
}

const droplet = (i: number): unknown => ({
  id: 3_164_444 + i,
  name: `example-${i}.nyc3.example.com`,
  memory: 1024,
  vcpus: 1,
  disk: 25,
  locked: false,
  status: i % 7 === 0 ? "off" : "active",
  kernel: null,
  created_at: "2020-07-21T18:37:44Z",
  features: i % 2 === 0 ? ["backups", "private_networking", "ipv6"] : [],
  backup_ids: [53_893_572],
  next_backup_window: null,
  snapshot_ids: [67_512_819],
  image: {
    id: 63_663_980,
    name: "20.04 (LTS) x64",
    distribution: "Ubuntu",
    slug: i % 5 === 0 ? null : "ubuntu-20-04-x64",
    public: true,
    regions: ["ams2", "nyc3"],
  },
  size: { slug: "s-1vcpu-1gb", memory: 1024, vcpus: 1, disk: 25, transfer: 1, price_monthly: 5, available: true },
  size_slug: "s-1vcpu-1gb",
  networks: {
    v4: [
      { ip_address: `10.128.192.${i % 250}`, netmask: "255.255.0.0", gateway: "nil", type: "private" },
      { ip_address: `192.241.165.${i % 250}`, netmask: "255.255.255.0", gateway: "192.241.165.1", type: "public" },
    ],
    v6:
      i % 3 === 0
        ? [{ ip_address: `2604:a880:0:1010::18a:${i}`, netmask: 64, gateway: "2604:a880:0:1010::1", type: "public" }]
        : [],
  },
  region: { name: "New York 3", slug: "nyc3", features: ["private_networking"], available: true, sizes: [] },
  tags: i % 2 === 0 ? ["web", "env:prod"] : [],
  volume_ids: [],
  vpc_uuid: "760e09ef-dc84-11e8-981e-3cfdfeaae000",
});

const database = (i: number): unknown => ({
  id: `9cc10173-e9ea-4176-9dbc-a4cee4c4f${i}`,
  name: `backend-${i}`,
  engine: "pg",
  version: "14",
  connection: { protocol: "postgresql", host: `backend-${i}.db.ondigitalocean.com`, port: 25_060, ssl: true },
  private_connection:
    i % 2 === 0 ? { protocol: "postgresql", host: `private-backend-${i}.db.ondigitalocean.com`, port: 25_060 } : null,
  users: [{ name: "doadmin", role: "primary" }],
  db_names: ["defaultdb"],
  num_nodes: 2,
  region: "nyc3",
  status: "online",
  created_at: "2019-01-11T18:37:36Z",
  size: "db-s-2vcpu-4gb",
  tags: i % 3 === 0 ? ["production"] : null,
});

export const servedDigitaloceanDroplets = served("droplets", "droplets", droplet, 20, true);
export const servedDigitaloceanDatabases = served("databases", "databases", database, 20, false);
