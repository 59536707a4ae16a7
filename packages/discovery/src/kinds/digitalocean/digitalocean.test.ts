import { decodeYaml } from "@narthex/config";
import { expect, test } from "vitest";
import { refreshError, targetsOf } from "../../testing/one-answer.ts";
import { digitaloceanDiscoverer } from "./digitalocean.ts";

const droplets = (viaProxy: string): string => `bearer_token: token\n${viaProxy}`;
const databases = (viaProxy: string): string => `role: databases\nport: 9999\nbearer_token: token\n${viaProxy}`;

const droplet = {
  id: 3_164_494,
  name: "example.com",
  status: "active",
  features: ["backups", "ipv6"],
  image: { slug: "ubuntu-20-04-x64", name: "20.04 (LTS) x64" },
  size_slug: "s-1vcpu-1gb",
  networks: {
    v4: [
      { ip_address: "10.0.0.5", type: "private" },
      { ip_address: "104.131.186.241", type: "public" },
      { ip_address: "104.131.186.242", type: "public" },
    ],
    v6: [{ ip_address: "2604:a880::1", type: "public" }],
  },
  region: { slug: "nyc3" },
  tags: ["web", "env:prod"],
  vpc_uuid: "f9b0769c",
};

test("a Droplet has all labels", async () => {
  expect(
    await targetsOf(digitaloceanDiscoverer, (_, proxy) => droplets(proxy), { body: { droplets: [droplet] } }),
  ).toEqual([
    {
      __address__: "104.131.186.241:80",
      __meta_digitalocean_droplet_id: "3164494",
      __meta_digitalocean_droplet_name: "example.com",
      __meta_digitalocean_features: ",backups,ipv6,",
      __meta_digitalocean_image: "ubuntu-20-04-x64",
      __meta_digitalocean_image_name: "20.04 (LTS) x64",
      __meta_digitalocean_private_ipv4: "10.0.0.5",
      __meta_digitalocean_public_ipv4: "104.131.186.241",
      __meta_digitalocean_public_ipv6: "2604:a880::1",
      __meta_digitalocean_region: "nyc3",
      __meta_digitalocean_size: "s-1vcpu-1gb",
      __meta_digitalocean_status: "active",
      __meta_digitalocean_tags: ",web,env:prod,",
      __meta_digitalocean_vpc: "f9b0769c",
    },
  ]);
});

test("a Droplet without IPv4 network is no target, and one without public address has only the port", async () => {
  const body = {
    droplets: [
      { id: 1, networks: { v4: [], v6: [{ ip_address: "2604::1", type: "public" }] } },
      { id: 2, networks: null },
      { id: 3, networks: { v4: [{ ip_address: "10.0.0.1", type: "private" }] }, image: null, tags: null },
    ],
  };
  expect(await targetsOf(digitaloceanDiscoverer, (_, proxy) => droplets(proxy), { body })).toEqual([
    {
      __address__: ":80",
      __meta_digitalocean_droplet_id: "3",
      __meta_digitalocean_private_ipv4: "10.0.0.1",
    },
  ]);
});

test("a database cluster has all labels, and its private host is its address", async () => {
  const cluster = {
    id: "9cc10173",
    name: "backend",
    engine: "pg",
    version: "14",
    connection: { host: "db.example" },
    private_connection: { host: "private-db.example" },
    num_nodes: 2,
    region: "nyc3",
    status: "online",
    size: "db-s-2vcpu-4gb",
    tags: ["production"],
  };
  const bare = { id: "1", connection: { host: "db2.example" } };
  const found = await targetsOf(
    digitaloceanDiscoverer,
    (_, proxy) => databases(proxy),
    ({ query }) => ({
      body: { databases: query.get("page") === "1" ? [cluster, bare, { id: "no host" }] : [] },
    }),
  );
  expect(found).toEqual([
    {
      __address__: "private-db.example:9999",
      __meta_digitalocean_db_engine: "pg",
      __meta_digitalocean_db_host: "db.example",
      __meta_digitalocean_db_id: "9cc10173",
      __meta_digitalocean_db_name: "backend",
      __meta_digitalocean_db_num_nodes: "2",
      __meta_digitalocean_db_private_host: "private-db.example",
      __meta_digitalocean_db_region: "nyc3",
      __meta_digitalocean_db_size: "db-s-2vcpu-4gb",
      __meta_digitalocean_db_status: "online",
      __meta_digitalocean_db_tag_production: "true",
      __meta_digitalocean_db_version: "14",
    },
    {
      __address__: "db2.example:9999",
      __meta_digitalocean_db_host: "db2.example",
      __meta_digitalocean_db_id: "1",
      __meta_digitalocean_db_num_nodes: "0",
    },
    { __meta_digitalocean_db_id: "no host", __meta_digitalocean_db_num_nodes: "0" },
  ]);
});

test.each([
  [
    { status: 401, body: { id: "Unauthorized" } },
    'https://api.digitalocean.com/v2/droplets answered with HTTP status 401 Unauthorized: {"id":"Unauthorized"}',
  ],
  [{ body: "<html>" }, /^answer is not JSON: /],
  [
    { body: { droplets: [{ id: "x", networks: { v4: [{}] } }] } },
    /field "droplets\[0\]\.id" of the answer is of type string/,
  ],
])("the answer %j is a failure", async (answer, message) => {
  const error = await refreshError(digitaloceanDiscoverer, (_, proxy) => droplets(proxy), answer);
  expect(error).toMatch(message);
});

test.each([
  ["role: x", 'unknown DigitalOcean SD role "x"'],
  ['role: ""', 'unknown DigitalOcean SD role ""'],
  ["role:", "role missing (one of: droplets, databases)"],
  ["nope: 1", "field nope not found in type digitalocean.plain"],
  ["bearer_token: a\nbearer_token_file: b", "at most one of bearer_token & bearer_token_file must be configured"],
])("%j is refused", (yaml, message) => {
  expect(decodeYaml(yaml, "test.yml", digitaloceanDiscoverer.codec)).toMatchObject({
    ok: false,
    problems: [{ message }],
  });
});
