import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { decodeYaml } from "@narthex/config";
import { awsSignatureOf } from "@narthex/http/testing";
import { temporaryFolder } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { labelsOf, refreshError, startWith } from "../../testing/one-answer.ts";
import { outscaleDiscoverer } from "./outscale.ts";

const section = (url: string): string => `endpoint: ${url}/api/v1\naccess_key: AK\nsecret_key: the-secret\n`;

const machine = {
  VmId: "i-12345678",
  State: "running",
  Placement: { SubregionName: "eu-west-2a" },
  PrivateIp: "10.0.0.1",
  PublicIp: "192.0.2.1",
  Tags: [
    { Key: "env/team", Value: "prod" },
    { Key: "empty", Value: "" },
    { Key: "", Value: "no name" },
  ],
};

test("a virtual machine has all labels, the pages are read, and requests are signed", async () => {
  const pages = [
    { Vms: [machine], NextPageToken: "two" },
    {
      Vms: [
        { VmId: "public", PublicIp: "2001:db8::1" },
        { VmId: "none", PrivateIp: "" },
      ],
      NextPageToken: "",
    },
  ];
  const { api, run } = await startWith(outscaleDiscoverer, section, () => ({ body: pages.shift() }));
  expect(await labelsOf(run)).toEqual([
    {
      __address__: "10.0.0.1:80",
      __meta_outscale_vm_instance_id: "i-12345678",
      __meta_outscale_vm_private_ip: "10.0.0.1",
      __meta_outscale_vm_public_ip: "192.0.2.1",
      __meta_outscale_vm_region: "eu-west-2",
      __meta_outscale_vm_state: "running",
      __meta_outscale_vm_subregion: "eu-west-2a",
      __meta_outscale_vm_tag_env_team: "prod",
    },
    {
      __address__: "[2001:db8::1]:80",
      __meta_outscale_vm_instance_id: "public",
      __meta_outscale_vm_public_ip: "2001:db8::1",
      __meta_outscale_vm_region: "eu-west-2",
    },
  ]);
  expect(api.requests.map(({ method, path, body }) => `${method} ${path} ${body}`)).toEqual([
    "POST /api/v1/ReadVms {}",
    'POST /api/v1/ReadVms {"NextPageToken":"two"}',
  ]);
  for (const request of api.requests) {
    const signature = awsSignatureOf(request)!;
    expect(signature).toMatchObject({ accessKey: "AK", region: "eu-west-2", service: "oapi" });
    expect(signature.isMadeWith("the-secret")).toBe(true);
  }
});

test("the source is the region, and the signature does not change with it", async () => {
  const { api, run } = await startWith(outscaleDiscoverer, (url) => `${section(url)}region: us-east-2`, {
    body: { Vms: [machine] },
  });
  await run.next();
  expect([...run.groups.keys()]).toEqual(["us-east-2"]);
  expect(awsSignatureOf(api.requests[0]!)?.region).toBe("eu-west-2");
});

test("a secret key in a file is read for each refresh", async () => {
  const file = join(temporaryFolder(), "key");
  const yaml = (url: string): string => section(url).replace("secret_key: the-secret", `secret_key_file: ${file}`);
  expect(await refreshError(outscaleDiscoverer, yaml, { body: {} })).toBe(
    `unable to read outscale secret key file ${file}: open ${file}: no such file or directory`,
  );
  writeFileSync(file, "from a file\n");
  const { api, run } = await startWith(outscaleDiscoverer, yaml, { body: {} });
  await run.next();
  expect(awsSignatureOf(api.requests[0]!)?.isMadeWith("from a file")).toBe(true);
});

test("the endpoint is that of the region by default", () => {
  const loaded = decodeYaml(
    "region: cloudgouv-eu-west-1\naccess_key: a\nsecret_key: b",
    "test.yml",
    outscaleDiscoverer.codec,
  );
  expect(loaded).toMatchObject({
    ok: true,
    value: { endpoint: "https://api.cloudgouv-eu-west-1.outscale.com/api/v1" },
  });
});

test.each([
  ['region: ""', "outscale SD configuration requires a region"],
  ["secret_key: b", "outscale SD configuration requires access_key"],
  ["access_key: a", "one of secret_key & secret_key_file must be configured"],
  ['access_key: a\nsecret_key: ""', "one of secret_key & secret_key_file must be configured"],
  [
    "access_key: a\nsecret_key: b\nsecret_key_file: c",
    "at most one of secret_key & secret_key_file must be configured",
  ],
  ["nope: 1", "field nope not found in type outscale.plain"],
])("%j is refused", (yaml, message) => {
  expect(decodeYaml(yaml, "test.yml", outscaleDiscoverer.codec)).toMatchObject({ ok: false, problems: [{ message }] });
});
