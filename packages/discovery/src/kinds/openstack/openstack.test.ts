import { decodeYaml } from "@narthex/config";
import { temporaryFolder } from "@narthex/runtime/testing";
import { expect, onTestFinished, test } from "vitest";
import { DiscovererRun } from "../../testing/discoverer-run.ts";
import { ServedApi } from "../../testing/served-api.ts";
import type { ServedAnswer, ServedRequest } from "../../testing/served-kind.ts";
import { createOpenstackDiscoverer, openstackDiscoverer } from "./openstack.ts";
import {
  loadBalancer,
  openstackServer,
  servedOpenstackHypervisors,
  servedOpenstackInstances,
  servedOpenstackLoadBalancers,
} from "./served-openstack.ts";

interface Settings {
  /** Number of items of the cloud. */
  readonly count?: number;
  /** Answers by path that replace those of the cloud. */
  readonly answers?: Readonly<Record<string, ServedAnswer>>;
  readonly section?: (url: string) => string;
  readonly env?: (url: string) => Readonly<Record<string, string>>;
}

async function start(kind: typeof servedOpenstackInstances, { count = 1, answers = {}, section, env }: Settings = {}) {
  const cloud = kind.serve(count);
  const answer = (request: ServedRequest): ServedAnswer => answers[request.path] ?? cloud(request);
  const api = await ServedApi.start(answer);
  onTestFinished(() => api[Symbol.asyncDispose]());
  const place = api.place(temporaryFolder());
  const discoverer = createOpenstackDiscoverer(env?.(place.url) ?? {});
  const run = new DiscovererRun(discoverer, section?.(place.url) ?? kind.section(place));
  return { api, run, [Symbol.asyncDispose]: () => run[Symbol.asyncDispose]() };
}

const targetsOf = async (kind: typeof servedOpenstackInstances, settings?: Settings) => {
  await using started = await start(kind, settings);
  return (await started.run.next())[0]!.targets.map((target) => target.toRecord());
};

const NO_SERVER = { body: { servers: [] } };

test("OpenStack discovery returns all labels of an instance, and no target for its floating address", async () => {
  expect(await targetsOf(servedOpenstackInstances)).toEqual([
    {
      __address__: "10.0.0.1:9100",
      __meta_openstack_address_pool: "private",
      __meta_openstack_instance_flavor: "1",
      __meta_openstack_instance_id: "server-1",
      __meta_openstack_instance_image: "70a599e0-31e7-49b7-b260-868f441e862b",
      __meta_openstack_instance_name: "web-1",
      __meta_openstack_instance_status: "ACTIVE",
      __meta_openstack_private_ip: "10.0.0.1",
      __meta_openstack_project_id: "6f70656e737461636b20342065766572",
      __meta_openstack_public_ip: "198.51.0.1",
      __meta_openstack_tag_My_Server: "no 1",
      __meta_openstack_user_id: "fake",
    },
  ]);
});

test("OpenStack discovery returns a target for each pool, and skips what is no address and what has no flavor", async () => {
  const servers = [
    openstackServer(4),
    { ...openstackServer(2), id: "bare", addresses: {} },
    { ...openstackServer(2), id: "plain", flavor: { original_name: 7, id: 1 } },
    {
      ...openstackServer(2),
      id: "named",
      flavor: { original_name: "m1.tiny" },
      addresses: { a: "x", b: [7, [], { addr: 1 }, { addr: "10.0.0.2" }], c: [] },
    },
  ];
  const found = await targetsOf(servedOpenstackInstances, {
    answers: { "/compute/v2.1/servers/detail": { body: { servers } } },
  });
  expect(
    found.map((labels) => [
      labels["__address__"],
      labels["__meta_openstack_address_pool"],
      labels["__meta_openstack_instance_flavor"],
    ]),
  ).toEqual([
    ["10.0.0.4:9100", "private", "1"],
    ["[2001:db8::4]:9100", "storage", "1"],
    ["10.0.0.2:9100", "b", "m1.tiny"],
  ]);
  expect(found[0]).not.toHaveProperty("__meta_openstack_public_ip");
});

test("OpenStack discovery returns all labels of a hypervisor, whose ID can be a number or a text", async () => {
  const [labels] = await targetsOf(servedOpenstackHypervisors);
  expect(labels).toEqual({
    __address__: "172.16.0.1:9100",
    __meta_openstack_hypervisor_host_ip: "172.16.0.1",
    __meta_openstack_hypervisor_hostname: "node-1.example.org",
    __meta_openstack_hypervisor_id: "1",
    __meta_openstack_hypervisor_state: "up",
    __meta_openstack_hypervisor_status: "enabled",
    __meta_openstack_hypervisor_type: "QEMU",
  });
  const hypervisors = [{ id: "b1e43b5f", host_ip: "::1" }];
  const [other] = await targetsOf(servedOpenstackHypervisors, {
    answers: { "/compute/v2.1/os-hypervisors/detail": { body: { hypervisors } } },
  });
  expect(other).toEqual({
    __address__: "[::1]:9100",
    __meta_openstack_hypervisor_host_ip: "::1",
    __meta_openstack_hypervisor_id: "b1e43b5f",
  });
});

test("OpenStack discovery returns all labels of a load balancer, at the port of its first listener for Prometheus", async () => {
  const listeners = [
    { protocol: "HTTP", protocol_port: 80, loadbalancers: [{ id: "lb-2" }] },
    { protocol: "PROMETHEUS", protocol_port: 9101, loadbalancers: [{ id: "lb-1" }, { id: "lb-2" }] },
    { protocol: "PROMETHEUS", protocol_port: 9102, loadbalancers: [{ id: "lb-2" }] },
  ];
  const found = await targetsOf(servedOpenstackLoadBalancers, {
    count: 3,
    answers: {
      "/load-balancer/v2.0/lbaas/listeners": { body: { listeners } },
      "/load-balancer/v2.0/lbaas/loadbalancers": { body: { loadbalancers: [loadBalancer(2), loadBalancer(3)] } },
    },
  });
  expect(found).toEqual([
    {
      __address__: "10.9.0.2:9101",
      __meta_openstack_loadbalancer_availability_zone: "az1",
      __meta_openstack_loadbalancer_floating_ip: "198.51.0.2",
      __meta_openstack_loadbalancer_id: "lb-2",
      __meta_openstack_loadbalancer_name: "balancer 2",
      __meta_openstack_loadbalancer_operating_status: "ONLINE",
      __meta_openstack_loadbalancer_provider: "octavia",
      __meta_openstack_loadbalancer_provisioning_status: "ACTIVE",
      __meta_openstack_loadbalancer_tags: "a,b",
      __meta_openstack_loadbalancer_vip: "10.9.0.2",
      __meta_openstack_project_id: "fcad67a6189847c4aecfa3c81a05783b",
    },
  ]);
});

/** Returns a section with these keys of the account. */
const account =
  (keys: string, path = "/identity/v3") =>
  (url: string): string =>
    `{identity_endpoint: "${url}${path}", region: RegionOne, role: instance, all_tenants: true, ${keys}}`;

const user = { name: "u", password: "canary-openstack", domain: { id: "d" } };

test.each<[string, unknown]>([
  [
    "username: u, password: canary-openstack, domain_id: d",
    { identity: { methods: ["password"], password: { user } } },
  ],
  [
    "userid: u, password: canary-openstack, project_id: p",
    {
      identity: { methods: ["password"], password: { user: { id: "u", password: "canary-openstack" } } },
      scope: { project: { id: "p" } },
    },
  ],
  [
    "username: u, password: canary-openstack, domain_id: d, project_name: p",
    { identity: { methods: ["password"], password: { user } }, scope: { project: { name: "p", domain: { id: "d" } } } },
  ],
  [
    "application_credential_id: a, application_credential_secret: canary-openstack, project_id: p",
    {
      identity: {
        methods: ["application_credential"],
        application_credential: { id: "a", secret: "canary-openstack" },
      },
    },
  ],
  [
    "application_credential_name: a, application_credential_secret: canary-openstack, username: u, domain_name: d",
    {
      identity: {
        methods: ["application_credential"],
        application_credential: {
          name: "a",
          secret: "canary-openstack",
          user: { name: "u", domain: { name: "d" } },
        },
      },
    },
  ],
])("OpenStack discovery requests a token with %s", async (keys, auth) => {
  await using started = await start(servedOpenstackInstances, { section: account(keys) });
  await started.run.next();
  const { requests } = started.api;
  expect(JSON.parse(requests[0]!.body)).toEqual({ auth });
  expect(requests.at(-1)!.query.toString()).toBe("all_tenants=true");
});

test.each([
  ["", "give a password or an application credential"],
  ["password: canary-x", "give exactly one of username and userid"],
  ["password: canary-x, username: a, userid: b", "give exactly one of username and userid"],
  ["password: canary-x, username: a", "give exactly one of domain_id and domain_name"],
  ["password: canary-x, userid: a, domain_id: d", "remove the domain: userid is unique without it"],
  ["password: canary-x, userid: a, project_name: p", "give domain_id or domain_name with project_name"],
  ["application_credential_id: a", "give application_credential_secret"],
  [
    "application_credential_name: a, application_credential_secret: canary-x",
    "give userid or username with application_credential_name",
  ],
])("OpenStack discovery reports the incomplete account {%s}", async (keys, reason) => {
  await using started = await start(servedOpenstackInstances, { section: account(keys) });
  const { run } = started;
  while (run.logger.lines.length === 0) await run.clock.advance(0);
  expect(run.logger.lines[0]!.fields["err"]).toBe(`could not authenticate to OpenStack: ${reason}`);
});

const PASSWORD = "userid: u, password: canary-openstack";

test.each(["/identity", "/identity/v3.14/users?x=1"])(
  "OpenStack discovery asks for the versions of the Identity API if the endpoint is %s",
  async (path) => {
    await using started = await start(servedOpenstackInstances, { section: account(PASSWORD, path) });
    expect((await started.run.next())[0]!.source).toBe("OS_RegionOne");
    expect(started.api.requests.map((request) => request.path).slice(0, 2)).toEqual([
      "/identity/",
      "/identity/v3/auth/tokens",
    ]);
  },
);

const OLD = { id: "v2.0", status: "stable", links: [] };
const DRAFT = { id: "v3.0", status: "experimental", links: [{ rel: "self", href: "http://127.0.0.1/v3/" }] };

test.each<[string, Readonly<Record<string, ServedAnswer>>, RegExp]>([
  [
    "/identity",
    { "/identity/": { body: { versions: { values: [OLD, DRAFT] } } } },
    /^could not authenticate to OpenStack: http:\/\/127\.0\.0\.1:\d+\/identity\/ does not offer version 3 of the Identity API$/,
  ],
  [
    "/identity/v3",
    { "/identity/v3/auth/tokens": { status: 201, body: { token: {} } } },
    /^could not authenticate to OpenStack: the answer has no header X-Subject-Token$/,
  ],
  [
    "/identity/v3",
    { "/identity/v3/auth/tokens": { status: 201, headers: { "x-subject-token": "canary" }, body: { token: {} } } },
    /^could not create OpenStack compute session: the catalog has no public endpoint of type compute in region RegionOne$/,
  ],
  [
    "/identity/v3",
    { "/network/v2.0/ports": { body: { ports: 1 } } },
    /^field "ports" of the answer is of type number, but array is expected$/,
  ],
])("OpenStack discovery at %s reports unusable answers", async (path, answers, message) => {
  await using started = await start(servedOpenstackInstances, { section: account(PASSWORD, path), answers });
  const { run } = started;
  while (run.logger.lines.length === 0) await run.clock.advance(0);
  expect(run.logger.lines[0]!.fields["err"]).toMatch(message);
});

/** A list of ports whose next page is at a URL. */
const portsBefore = (href: string): ServedAnswer => ({
  body: { ports: [{ id: "a" }], ports_links: [{ rel: "next", href }] },
});

test("OpenStack discovery does not send its token to a host that the catalog does not contain", async () => {
  await using other = await ServedApi.start(() => ({ body: { ports: [] } }));
  const href = other.place("").url.replace("127.0.0.1", "localhost");
  await using started = await start(servedOpenstackInstances, {
    answers: { "/network/v2.0/ports": portsBefore(href) },
  });
  const { run } = started;
  while (run.logger.lines.length === 0) await run.clock.advance(0);
  expect(run.logger.lines[0]!.fields["err"]).toBe(
    `the next page is on a host that the catalog does not contain: ${new URL(href).host}`,
  );
  expect(other.requests).toEqual([]);
});

/** Returns a section for the API with TLS. */
const withTls =
  (path: string) =>
  (url: string): string =>
    `{identity_endpoint: "${url.replace("http:", "https:")}${path}", region: RegionOne, role: instance, ` +
    `tls_config: {insecure_skip_verify: true}, ${PASSWORD}}`;

test("OpenStack discovery does not send its password without TLS if the Identity API has links without TLS", async () => {
  await using plain = await ServedApi.start(() => ({ status: 500 }));
  const links = (url: string) => [{ id: "v3.14", status: "stable", links: [{ rel: "self", href: url }] }];
  const versions = (url: string): ServedAnswer => ({ body: { versions: { values: links(url) } } });
  const { url } = plain.place("");
  await using started = await start(servedOpenstackInstances, {
    section: withTls("/identity"),
    answers: { "/identity/": versions(`${url}/identity/v3`) },
  });
  expect((await started.run.next())[0]!.source).toBe("OS_RegionOne");
  expect(plain.requests).toEqual([]);
  const elsewhere = url.replace("127.0.0.1", "localhost");
  await using refused = await start(servedOpenstackInstances, {
    section: withTls("/identity"),
    answers: { "/identity/": versions(elsewhere) },
  });
  while (refused.run.logger.lines.length === 0) await refused.run.clock.advance(0);
  expect(refused.run.logger.lines[0]!.fields["err"]).toContain(`leads to ${new URL(elsewhere).host} without TLS`);
  expect(plain.requests).toEqual([]);
});

test("OpenStack discovery requests a new token for each refresh", async () => {
  await using started = await start(servedOpenstackInstances, {
    answers: { "/compute/v2.1/servers/detail": NO_SERVER },
  });
  await started.run.next();
  await started.run.clock.advance(60_000);
  await started.run.next();
  expect(started.api.requests.filter(({ path }) => path === "/identity/v3/auth/tokens")).toHaveLength(2);
});

const FROM_ENVIRONMENT = (): string => "{role: instance, region: RegionOne}";

test("OpenStack discovery takes the account from the environment", async () => {
  await using started = await start(servedOpenstackInstances, {
    section: FROM_ENVIRONMENT,
    env: (url) => ({
      OS_AUTH_URL: `${url}/identity/v3`,
      OS_USERID: "u",
      OS_PASSWORD: "canary-openstack",
      OS_SYSTEM_SCOPE: "all",
      OS_PASSCODE: "1",
    }),
  });
  await started.run.next();
  expect(JSON.parse(started.api.requests[0]!.body)).toEqual({
    auth: {
      identity: {
        methods: ["password", "totp"],
        password: { user: { id: "u", password: "canary-openstack" } },
        totp: { user: { id: "u", passcode: "1" } },
      },
      scope: { system: { all: true } },
    },
  });
});

const OS = { OS_AUTH_URL: "http://127.0.0.1:1" };

test.each([
  [{}, "OS_AUTH_URL"],
  [OS, "OS_USERID or OS_USERNAME"],
  [{ ...OS, OS_USERID: "u" }, "OS_PASSWORD"],
  [{ ...OS, OS_USERID: "u", OS_APPLICATION_CREDENTIAL_ID: "a" }, "OS_APPLICATION_CREDENTIAL_SECRET"],
  [{ ...OS, OS_USERID: "u", OS_PASSWORD: "p", OS_TENANT_NAME: "t" }, "OS_PROJECT_ID"],
  [
    { ...OS, OS_USERNAME: "u", OS_APPLICATION_CREDENTIAL_NAME: "a", OS_APPLICATION_CREDENTIAL_SECRET: "s" },
    "OS_DOMAIN_ID or OS_DOMAIN_NAME",
  ],
])("OpenStack discovery is not created with the environment %j", async (env, missing) => {
  const run = new DiscovererRun(createOpenstackDiscoverer(env), FROM_ENVIRONMENT());
  await expect(run[Symbol.asyncDispose]()).rejects.toThrow(`missing environment variable ${missing}: `);
});

test.each([
  ["{role: server, region: a}", 'unknown OpenStack SD role "server"'],
  ["region: a", "role missing (one of: instance, hypervisor, loadbalancer)"],
  ["role: instance", "openstack SD configuration requires a region"],
  ["{availability: private}", "unknown availability private, must be one of admin, internal or public"],
  ["{role: instance, region: a, proxy_url: 'http://a'}", "field proxy_url not found in type openstack.plain"],
])("OpenStack discovery refuses %j", (yaml, message) => {
  expect(decodeYaml(yaml, "test.yml", openstackDiscoverer.codec)).toMatchObject({ ok: false, problems: [{ message }] });
});
