import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { decodeYaml } from "@narthex/config";
import { temporaryFolder } from "@narthex/runtime/testing";
import { expect, onTestFinished, test } from "vitest";
import { DiscovererRun } from "../../testing/discoverer-run.ts";
import { ServedApi } from "../../testing/served-api.ts";
import type { ServedAnswer, ServedRequest } from "../../testing/served-kind.ts";
import { createOciDiscoverer, ociDiscoverer } from "./oci.ts";
import { ociCloud, ociInstance, servedOci, TENANCY } from "./served-oci.ts";

type Override = (request: ServedRequest) => ServedAnswer | undefined;

/** Starts the discoverer with a cloud of these instances. `override` replaces some of its answers. */
async function start(
  instances: readonly Readonly<Record<string, unknown>>[],
  override: Override = () => undefined,
  more = "",
) {
  const cloud = ociCloud(instances);
  const api = await ServedApi.start((request) => override(request) ?? cloud(request));
  onTestFinished(() => api[Symbol.asyncDispose]());
  const place = api.place(temporaryFolder());
  const run = new DiscovererRun(servedOci.discoverer!(place), `${servedOci.section(place)}\n${more}`);
  onTestFinished(() => run[Symbol.asyncDispose]());
  return { api, run, place };
}

const found = async (run: DiscovererRun): Promise<readonly Readonly<Record<string, string>>[]> =>
  (await run.next())[0]!.targets.map((target) => target.toRecord());

/** Answers for the network card of each instance. */
const vnic =
  (card: Readonly<Record<string, unknown>>): Override =>
  ({ path }) =>
    path.includes("/vnics/") ? { body: { id: "v", isPrimary: true, ...card } } : undefined;

test("discovery of Oracle Cloud returns all labels of an instance", async () => {
  const { run } = await start([ociInstance(1)]);
  expect(await found(run)).toEqual([
    {
      __address__: "10.0.0.1:9100",
      __meta_oci_availability_domain: "Uocm:EU-FRANKFURT-1-AD-1",
      __meta_oci_compartment_id: "ocid1.compartment.oc1..a",
      __meta_oci_defined_tag_Operations_CostCenter: "42",
      __meta_oci_defined_tag_Operations_is_live: "true",
      __meta_oci_defined_tag_Operations_size: "1000000000000000000000",
      __meta_oci_defined_tag_Operations_weight: "1.5",
      __meta_oci_fault_domain: "FAULT-DOMAIN-2",
      __meta_oci_hostname_label: "web-1",
      __meta_oci_image_id: "ocid1.image.oc1.eu-frankfurt-1.x",
      __meta_oci_instance_id: "ocid1.instance.oc1.eu-frankfurt-1.1",
      __meta_oci_instance_name: "web 1",
      __meta_oci_instance_shape: "VM.Standard.E4.Flex",
      __meta_oci_instance_state: "RUNNING",
      __meta_oci_ipv6_addresses: ",2001:db8::a:1,2001:db8::b:1,",
      __meta_oci_private_ip: "10.0.0.1",
      __meta_oci_public_ip: "198.51.100.1",
      __meta_oci_region: "eu-frankfurt-1",
      __meta_oci_tag_Team_Name: "monitoring",
      __meta_oci_tenancy_id: TENANCY,
      __meta_oci_vnic_id: "vnic-1",
    },
  ]);
});

test.each([
  [{ publicIp: "198.51.100.1", ipv6Addresses: ["::1"] }, ["198.51.100.1:9100"]],
  [{ ipv6Addresses: ["2001:db8::2", "2001:db8::1"] }, ["[2001:db8::1]:9100"]],
  [{ ipv6Addresses: null }, []],
  [{ privateIp: "10.0.0.1", isPrimary: false }, []],
])("the network card %j gives the addresses %j", async (card, addresses) => {
  const { run } = await start([ociInstance(1)], vnic(card));
  expect((await found(run)).map((labels) => labels["__address__"])).toEqual(addresses);
});

test("discovery of Oracle Cloud scans all active compartments, or those of the section", async () => {
  const instances = [0, 1, 2].map(ociInstance);
  const scanned = ({ requests }: ServedApi): readonly (string | null)[] =>
    requests.filter(({ path }) => path.endsWith("/instances")).map(({ query }) => query.get("compartmentId"));
  const whole = await start(instances.map((instance, i) => ({ ...instance, id: `x.${i + 1}` })));
  expect(await found(whole.run)).toHaveLength(3);
  expect(scanned(whole.api)).toEqual([TENANCY, "ocid1.compartment.oc1..a", "ocid1.compartment.oc1..b"]);
  const part = await start(instances, undefined, "compartments: [ocid1.compartment.oc1..b]");
  expect(await found(part.run)).toHaveLength(1);
  expect(scanned(part.api)).toEqual(["ocid1.compartment.oc1..b"]);
  expect(part.api.requests.some(({ path }) => path.endsWith("/compartments"))).toBe(false);
});

const NOT_FOUND: ServedAnswer = { status: 404, body: { code: "NotAuthorizedOrNotFound", message: "no" } };

test("compartments that cannot be listed and instances without an ID or a card are skipped and logged", async () => {
  const instances = [
    ociInstance(1),
    ociInstance(4),
    { ...ociInstance(1), id: null },
    { ...ociInstance(1), compartmentId: undefined },
  ];
  const { run } = await start(
    instances,
    ({ path, query }) => {
      if (path.endsWith("/vnics/vnic-4")) return NOT_FOUND;
      return path.endsWith("/compartments") && query.get("compartmentId") === TENANCY ? NOT_FOUND : undefined;
    },
    "compartments: [ocid1.compartment.oc1..a]",
  );
  expect((await found(run)).map((labels) => labels["__meta_oci_instance_name"])).toEqual(["web 1"]);
  expect(run.logger.lines.filter(({ level }) => level === "warn").map(({ message }) => message)).toEqual([
    "Skipping an instance of Oracle Cloud without an ID",
    "Skipping an instance of Oracle Cloud: its addresses could not be read",
  ]);
  const whole = await start(instances, ({ path }) => (path.endsWith("/compartments") ? NOT_FOUND : undefined));
  expect(await found(whole.run)).toEqual([]);
  expect(whole.run.logger.lines[0]!.fields).toMatchObject({
    compartment_id: TENANCY,
    err: expect.stringContaining("HTTP status 404 Not Found") as string,
  });
});

test.each(["/vnics/vnic-2", "/vnicAttachments", "/compartments"])(
  "a service that fails at %s fails the refresh, and all targets stay",
  async (failing) => {
    let status = 200;
    const { run } = await start([ociInstance(1), ociInstance(2)], ({ path }) =>
      path.endsWith(failing) && status !== 200 ? { status } : undefined,
    );
    expect(await found(run)).toHaveLength(2);
    for (status of [401, 503]) {
      run.logger.lines.length = 0;
      while (run.logger.lines.length === 0) await run.clock.advance(1000);
      expect(run.logger.lines[0]!.message).toMatch(/^Unable to refresh target groups/);
      expect(run.groups.get("OCI")!.targets).toHaveLength(2);
    }
  },
);

test("a list of instances that is refused fails the refresh, and is requested again after a pause only if the service is busy", async () => {
  let status = 429;
  const { api, run } = await start([ociInstance(1)], ({ path }) =>
    path.endsWith("/instances") && status !== 200 ? { status } : undefined,
  );
  const lists = (): number => api.requests.filter(({ path }) => path.endsWith("/instances")).length;
  while (lists() < 2) await run.clock.advance(1000);
  status = 403;
  while (run.logger.lines.length === 0) await run.clock.advance(1000);
  expect(run.logger.lines[0]!.fields["err"]).toMatch(
    new RegExp(`^listing OCI instances in compartment ${TENANCY}: .* answered with HTTP status 403 Forbidden`),
  );
  status = 200;
  const next = found(run);
  await run.clock.advance(120_000);
  expect(await next).toHaveLength(1);
});

test("a replaced key is used from the next refresh on, and an unusable one fails it without showing the passphrase", async () => {
  const { run, place } = await start([ociInstance(1)]);
  await run.next();
  writeFileSync(join(place.folder, "oci-key.pem"), "-----BEGIN canary-----");
  await run.clock.advance(60_000);
  while (run.logger.lines.length === 0) await run.clock.advance(0);
  const err = String(run.logger.lines[0]!.fields["err"]);
  expect(err).toMatch(/^OCI key file ".*oci-key\.pem" has no private key in PEM, or needs another passphrase: /);
  expect(err).not.toContain("canary");
  expect(run.groups.get("OCI")!.targets).toHaveLength(1);
});

const KEYS = "tenancy: t\nuser: u\nfingerprint: f\nregion: r\nkey_file: /nowhere/key.pem\n";

test.each([
  [
    KEYS,
    /^oci_sd: failed to build configuration provider: reading OCI key file "\/nowhere\/key\.pem": open \/nowhere\/key\.pem: no such file or directory$/,
  ],
])("discovery of Oracle Cloud is not created without its key", async (yaml, message) => {
  const run = new DiscovererRun(createOciDiscoverer({ env: {} }), yaml);
  await expect(run[Symbol.asyncDispose]()).rejects.toThrow(message);
});

/** Answers as the metadata server of a machine in Frankfurt, once it has started, and as Oracle's token server. */
function machineAnswers(folder: string): Override {
  const [key, certificate] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const of = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", `/OU=opc-tenant:${TENANCY}`];
  execFileSync("openssl", [...of, "-keyout", key, "-out", certificate], { stdio: "ignore" });
  let attempts = 0;
  return ({ host, path }) => {
    if (host === "auth.eu-frankfurt-1.oraclecloud.com") return { body: { token: "canary.e30.x" } };
    if (!path.startsWith("/opc/")) return undefined;
    if (path.endsWith("/region")) return ++attempts < 3 ? { status: 500 } : { body: "eu-frankfurt-1" };
    return { body: readFileSync(path.endsWith("/key.pem") ? key : certificate, "utf8") };
  };
}

test("a machine signs requests with the key of its token, in its own region", async () => {
  const folder = temporaryFolder();
  const machine = machineAnswers(folder);
  const cloud = ociCloud([ociInstance(1)]);
  const api = await ServedApi.start((request) => machine(request) ?? cloud(request));
  onTestFinished(() => api[Symbol.asyncDispose]());
  const { viaProxy } = api.place(folder);
  const discoverer = createOciDiscoverer({ env: {}, requestsPerSecond: Infinity });
  const run = new DiscovererRun(discoverer, `auth: instance_principal\nregion: us-phoenix-1\n${viaProxy}`);
  onTestFinished(() => run[Symbol.asyncDispose]());
  const next = found(run);
  while (api.requests.length < 3) await run.clock.advance(1000);
  expect(await next).toMatchObject([{ __address__: "10.0.0.1:80", __meta_oci_tenancy_id: TENANCY }]);
  const { headers, host } = api.requests.at(-1)!;
  expect(host).toBe("iaas.eu-frankfurt-1.oraclecloud.com");
  expect(headers.authorization).toContain('keyId="ST$canary.e30.x"');
});

test.each([
  ["auth: api_key", "region is required"],
  ["region: r", "api_key auth requires tenancy"],
  ["{region: r, tenancy: t}", "api_key auth requires user"],
  ["{region: r, tenancy: t, user: u}", "api_key auth requires fingerprint"],
  ["{region: r, tenancy: t, user: u, fingerprint: f}", "api_key auth requires key_file"],
  [
    `${KEYS}key_passphrase: a\nkey_passphrase_file: b`,
    "at most one of key_passphrase and key_passphrase_file must be configured",
  ],
  ["{region: r, auth: '', tenancy: t}", 'unknown auth method "", expected "api_key" or "instance_principal"'],
  [
    "{region: r, auth: instance_principal, key_passphrase_file: a}",
    "instance_principal auth must not have tenancy, user, fingerprint, key_file, key_passphrase, or key_passphrase_file set",
  ],
  [`${KEYS}compartments: [a, '']`, "compartments[1] must not be empty"],
  [`${KEYS}refresh_interval: 0s`, "refresh_interval must be positive, got 0s"],
])("discovery of Oracle Cloud refuses %j", (yaml, message) => {
  expect(decodeYaml(yaml, "test.yml", ociDiscoverer.codec)).toMatchObject({
    ok: false,
    problems: [{ message: `oci_sd: ${message}` }],
  });
});
