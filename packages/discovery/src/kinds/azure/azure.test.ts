import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { decodeYaml, defaultHttpClient } from "@narthex/config";
import { temporaryFolder } from "@narthex/runtime/testing";
import { expect, onTestFinished, test } from "vitest";
import { DiscovererRun } from "../../testing/discoverer-run.ts";
import { ServedApi } from "../../testing/served-api.ts";
import { bearer, type ServedAnswer, type ServedRequest } from "../../testing/served-kind.ts";
import { azureDiscoverer, createAzureDiscoverer } from "./azure.ts";
import { azureCloudOf, azureMachine, azureScaleSetMachine, servedAzure } from "./served-azure.ts";

type Override = (request: ServedRequest) => ServedAnswer | undefined;

interface Settings {
  readonly machines?: readonly Readonly<Record<string, unknown>>[];
  readonly scaleSetMachines?: readonly Readonly<Record<string, unknown>>[];
  /** Replaces answers. */
  readonly override?: Override;
  readonly section?: string;
  readonly env?: Readonly<Record<string, string>>;
}

const TOKEN: ServedAnswer = { body: { token_type: "Bearer", access_token: "canary-token", expires_in: 3599 } };

/** Starts the discoverer with a cloud of these machines, whose token server accepts every identity. */
async function start({
  machines = [],
  scaleSetMachines = [],
  override = () => undefined,
  section,
  env = {},
}: Settings) {
  const cloud = azureCloudOf({ machines, scaleSetMachines });
  const api = await ServedApi.start(
    (request) => override(request) ?? (request.host.startsWith("login.") ? TOKEN : cloud(request)),
  );
  onTestFinished(() => api[Symbol.asyncDispose]());
  const place = api.place(temporaryFolder());
  const tls = { ...defaultHttpClient.tls, insecureSkipVerify: true };
  const discoverer = createAzureDiscoverer({ env, tokenClient: { ...defaultHttpClient, proxyUrl: place.url, tls } });
  const yaml = section === undefined ? servedAzure.section(place) : `${section}\n${place.viaProxy}`;
  const run = new DiscovererRun(discoverer, yaml);
  onTestFinished(() => run[Symbol.asyncDispose]());
  return { api, run };
}

const found = async (run: DiscovererRun): Promise<readonly Readonly<Record<string, string>>[]> =>
  (await run.next())[0]!.targets.map((target) => target.toRecord());

/** Waits for the first warning, and returns its error. */
async function failure(run: DiscovererRun): Promise<string> {
  while (!run.logger.lines.some(({ level }) => level === "warn")) await run.clock.advance(0);
  return String(run.logger.lines.find(({ level }) => level === "warn")!.fields["err"]);
}

const GROUP = "/subscriptions/sub-1/resourceGroups/Web-Servers";

test("Azure discovery returns all labels of a machine", async () => {
  const { run } = await start({ machines: [azureMachine(2)] });
  expect(await found(run)).toEqual([
    {
      __address__: "10.1.0.2:9100",
      __meta_azure_machine_computer_name: "host-2",
      __meta_azure_machine_id: `${GROUP}/providers/Microsoft.Compute/virtualMachines/web-2`,
      __meta_azure_machine_location: "westeurope",
      __meta_azure_machine_name: "web-2",
      __meta_azure_machine_os_type: "Linux",
      __meta_azure_machine_private_ip: "10.1.0.2",
      __meta_azure_machine_public_ip: "198.51.100.2",
      __meta_azure_machine_resource_group: "Web-Servers",
      __meta_azure_machine_size: "Standard_B2s",
      __meta_azure_machine_tag_cost_center: "c2",
      __meta_azure_machine_tag_env: "prod",
      __meta_azure_subscription_id: "sub-1",
      __meta_azure_tenant_id: "11111111-1111-1111-1111-111111111111",
    },
  ]);
});

test("Azure discovery finds the machines of scale sets, and lists only a resource group if it is given", async () => {
  const { run } = await start({ machines: [azureMachine(1)], scaleSetMachines: [azureScaleSetMachine(10)] });
  const [, ofSet] = await found(run);
  expect(ofSet).toMatchObject({
    __address__: "10.1.0.10:9100",
    __meta_azure_machine_name: "workers_10",
    __meta_azure_machine_scale_set: "workers",
  });
  const section = "subscription_id: sub-1\nauthentication_method: SDK\nresource_group: Web-Servers";
  const env = { AZURE_TENANT_ID: "t", AZURE_CLIENT_ID: "c", AZURE_CLIENT_SECRET: "canary" };
  const group = await start({ machines: [azureMachine(1)], section, env });
  expect(await found(group.run)).toHaveLength(1);
  expect(group.api.requests.slice(1, 3).map(({ path }) => path)).toEqual([
    `${GROUP}/providers/Microsoft.Compute/virtualMachines`,
    `${GROUP}/providers/Microsoft.Compute/virtualMachineScaleSets`,
  ]);
});

/** Answers the requests of network interfaces with these properties. */
const properties =
  (value: unknown): Override =>
  ({ path }) =>
    path.includes("/networkInterfaces/") ? { body: { properties: value } } : undefined;

const address = (ip: unknown): unknown => ({ properties: { privateIPAddress: ip } });

test.each<[string, Override]>([
  ["does not exist", ({ path }) => (path.includes("/networkInterfaces/") ? { status: 404 } : undefined)],
  ["has no properties", properties(null)],
  ["belongs to a deallocated machine", properties({ ipConfigurations: [address("10.0.0.1")] })],
  ["is not primary", properties({ primary: false, ipConfigurations: [address("10.0.0.1")] })],
  ["has no IP configuration", properties({ primary: true, ipConfigurations: [] })],
])("Azure discovery skips a machine whose network interface %s", async (_, override) => {
  const { run } = await start({ machines: [azureMachine(1)], override });
  expect(await found(run)).toEqual([]);
});

test("Azure discovery uses the first IP configuration, also of IPv6, and fails if it has no private address", async () => {
  const { run } = await start({
    machines: [azureMachine(1)],
    override: properties({ primary: true, ipConfigurations: [address("fd00::1"), address("10.0.0.1")] }),
  });
  expect((await found(run))[0]).toMatchObject({ __address__: "[fd00::1]:9100" });
  const broken = await start({
    machines: [azureMachine(1)],
    override: properties({ primary: true, ipConfigurations: [address(null), address("10.0.0.1")] }),
  });
  expect(await failure(broken.run)).toBe(
    "unable to complete Azure service discovery: unable to find a private IP for VM web-1",
  );
});

test("Azure discovery keeps network interfaces for ten refreshes, and counts these and failures", async () => {
  let status = 200;
  const { api, run } = await start({
    machines: [azureMachine(1), azureMachine(2)],
    override: ({ path }) => (path.endsWith("/virtualMachines") && status !== 200 ? { status } : undefined),
  });
  const interfaces = (): number => api.requests.filter(({ path }) => path.includes("/networkInterfaces/")).length;
  const refresh = (): Promise<unknown> => run.advanceToNext();
  await refresh();
  expect(interfaces()).toBe(3);
  for (let i = 0; i < 9; i++) await refresh();
  expect(interfaces()).toBe(3);
  while (interfaces() < 6) await refresh();
  status = 403;
  while (!run.logger.lines.some(({ level }) => level === "warn")) await run.clock.advance(500);
  const families = await run.self.families();
  const total = (name: string): number => families.find((family) => family.name === name)!.samples[0]!.value;
  expect(total("prometheus_sd_azure_failures_total")).toBe(1);
  expect(total("prometheus_sd_azure_cache_hit_total")).toBeGreaterThanOrEqual(27);
});

test.each<[string, Override, string]>([
  [
    "a refused list",
    ({ path }) => (path.endsWith("/virtualMachines") ? { status: 403, body: "no permission" } : undefined),
    "could not get virtual machines: https://management.azure.com/subscriptions/sub-1/providers/Microsoft.Compute/virtualMachines?api-version=2024-03-01 answered with HTTP status 403 Forbidden: no permission",
  ],
  [
    "a refused interface",
    ({ path }) => (path.includes("/networkInterfaces/") ? { status: 403 } : undefined),
    `unable to complete Azure service discovery: failed to retrieve Interface ${GROUP}/providers/Microsoft.Network/networkInterfaces/nic-1-b with error: `,
  ],
  [
    "a next page elsewhere",
    ({ path }) =>
      path.endsWith("/virtualMachines") ? { body: { value: [], nextLink: "https://example.org/x" } } : undefined,
    "could not get virtual machines: the next page is not on management.azure.com: https://example.org/x",
  ],
  [
    "a machine without an ID",
    ({ path }) => (path.endsWith("/virtualMachines") ? { body: { value: [{ name: "a" }] } } : undefined),
    "invalid ID ''",
  ],
  [
    "a refused secret",
    ({ host }) =>
      host.startsWith("login.")
        ? {
            status: 401,
            body: { error: "invalid_client", error_description: "AADSTS7000215: Invalid client secret provided." },
          }
        : undefined,
    "could not get virtual machines: failed to get a token from Azure: ",
  ],
  [
    "a token server that is none",
    ({ host }) => (host.startsWith("login.") ? { status: 200, body: "<canary>" } : undefined),
    "login.microsoftonline.com answered with HTTP status 200, but not with JSON",
  ],
])("Azure discovery reports %s", async (_, override, message) => {
  const { run } = await start({ machines: [azureMachine(1)], override });
  const err = await failure(run);
  expect(err).toContain(message);
  expect(err).not.toContain("canary");
});

test("Azure discovery repeats a request while Azure is busy, and requests a new token if one is refused", async () => {
  let busy = 2;
  let token = 0;
  const { api, run } = await start({
    machines: [azureMachine(1)],
    override({ host, path, headers }) {
      if (host.startsWith("login.")) {
        return { body: { token_type: "Bearer", access_token: `token-${++token}`, expires_in: 3599 } };
      }
      if (headers.authorization === bearer("token-1")) return { status: 401 };
      return path.includes("/networkInterfaces/") && busy-- > 0
        ? { status: 429, headers: { "retry-after": "3" } }
        : undefined;
    },
  });
  const [group] = await run.advanceToNext();
  expect(group!.targets).toHaveLength(1);
  expect(token).toBe(2);
  expect(api.requests.filter(({ path }) => path.includes("/networkInterfaces/"))).toHaveLength(3);
});

test("Azure discovery keeps its token if a request is refused for another reason than the token", async () => {
  let status = 403;
  const { api, run } = await start({
    machines: [azureMachine(1)],
    override: ({ path }) => (path.endsWith("/virtualMachines") && status !== 200 ? { status } : undefined),
  });
  await failure(run);
  status = 200;
  const [group] = await run.advanceToNext();
  expect(group!.targets).toHaveLength(1);
  expect(api.requests.filter(({ host }) => host.startsWith("login."))).toHaveLength(1);
});

test("Azure discovery does not follow a token server that redirects to another host, which would get the secret", async () => {
  const { api, run } = await start({
    override: ({ host }) =>
      host.startsWith("login.") ? { status: 307, headers: { location: "https://example.org/token" } } : undefined,
  });
  expect(await failure(run)).toContain("could not get virtual machines: failed to get a token from Azure: ");
  expect(api.requests.filter(({ host }) => host === "example.org")).toEqual([]);
});

test("Azure discovery hides its secret and assertions if the token server repeats the request", async () => {
  const { run } = await start({
    override: ({ host, body }) =>
      host.startsWith("login.")
        ? { status: 400, body: { error: "bad", error_description: `${body} ${"a".repeat(60_000)}` } }
        : undefined,
  });
  const err = await failure(run);
  expect(err).toContain("client_secret=<secret>");
  expect(err).not.toContain("canary");
  expect(err.length).toBeLessThan(1200);
});

test("a workload sends the token of its file, which must be named by the environment", async () => {
  const file = join(temporaryFolder(), "token");
  writeFileSync(file, "of kubernetes\n");
  const section = "subscription_id: sub-1\nauthentication_method: WorkloadIdentity";
  const env = { AZURE_CLIENT_ID: "c", AZURE_TENANT_ID: "t", AZURE_FEDERATED_TOKEN_FILE: file };
  const { api, run } = await start({ machines: [azureMachine(1)], section, env });
  const [labels] = await found(run);
  expect(labels).not.toHaveProperty("__meta_azure_tenant_id");
  expect(new URLSearchParams(api.requests[0]!.body).get("client_assertion")).toBe("of kubernetes");
  const other = await start({ section, env: { AZURE_CLIENT_ID: "c" } });
  expect(await failure(other.run)).toContain(
    "the environment has no AZURE_TENANT_ID: check that the pod uses a workload identity",
  );
});

test.each([
  ["azureusgovernment", "management.usgovcloudapi.net"],
  ["AzureChinaCloud", "management.chinacloudapi.cn"],
  ["AzureGermanCloud", "management.azure.com"],
])("machines of %s are listed at %s", async (environment, host) => {
  const section = `subscription_id: sub-1\ntenant_id: t\nclient_id: c\nclient_secret: canary\nenvironment: ${environment}`;
  const { api, run } = await start({ section });
  while (api.requests.length < 2) await run.clock.advance(0);
  expect(api.requests[1]!.host).toBe(host);
});

test("an unknown cloud fails the refresh", async () => {
  const { run } = await start({ section: "subscription_id: a\nauthentication_method: SDK\nenvironment: AzureMars" });
  expect(await failure(run)).toBe(
    'could not create Azure client: there is no cloud configuration matching the name "AZUREMARS"',
  );
});

test.each([
  ["tenant_id: a", "add subscription_id"],
  ["subscription_id: a", "add tenant_id, or another authentication_method"],
])("for %j, Azure discovery names the missing field", (yaml, hint) => {
  expect(decodeYaml(yaml, "test.yml", azureDiscoverer.codec)).toMatchObject({ ok: false, problems: [{ hint }] });
});

test.each([
  ["tenant_id: a", "azure SD configuration requires a subscription_id"],
  ["subscription_id: a", "azure SD configuration requires a tenant_id"],
  ["{subscription_id: a, tenant_id: a}", "azure SD configuration requires a client_id"],
  [
    "{subscription_id: a, tenant_id: a, client_id: a, client_secret: ''}",
    "azure SD configuration requires a client_secret",
  ],
  [
    "{subscription_id: a, authentication_method: oauth}",
    'unknown authentication_type "oauth". Supported types are "OAuth", "ManagedIdentity", "SDK" or "WorkloadIdentity"',
  ],
])("Azure discovery refuses %j", (yaml, message) => {
  expect(decodeYaml(yaml, "test.yml", azureDiscoverer.codec)).toMatchObject({ ok: false, problems: [{ message }] });
});
