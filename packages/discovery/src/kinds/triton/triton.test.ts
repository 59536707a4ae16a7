import { decodeYaml } from "@narthex/config";
import { expect, test } from "vitest";
import { refreshError, startWith, targetsOf } from "../../testing/one-answer.ts";
import { tritonDiscoverer } from "./triton.ts";

const valid = "account: a\ndns_suffix: d.example\nendpoint: 127.0.0.1";
const section = (url: string): string =>
  `${valid}\nport: ${new URL(url).port}\ntls_config: {insecure_skip_verify: true}`;

test("a container has a label for each of its properties, and its group is named by the requested URL", async () => {
  const container = {
    server_uuid: "s1",
    vm_alias: "al",
    vm_brand: "lx",
    vm_image_uuid: "im",
    vm_uuid: "v1",
    groups: ["a", "b"],
  };
  const { api, run } = await startWith(tritonDiscoverer, (url) => `${section(url)}\nversion: 2\ngroups: [a, b c]`, {
    body: { containers: [container, { vm_uuid: "v2", groups: [] }], cns: [{ server_uuid: "n" }] },
  });
  const [group] = await run.next();
  const { port } = new URL(api.place("").url);
  expect(group!.source).toBe(`https://127.0.0.1:${port}/v2/discover?groups=a%2Cb+c`);
  expect(api.requests.map(({ path, query }) => `${path} ${query.toString()}`)).toEqual(["/v2/discover groups=a%2Cb+c"]);
  expect(group!.targets.map((target) => target.toRecord())).toEqual([
    {
      __address__: `v1.d.example:${port}`,
      __meta_triton_machine_id: "v1",
      __meta_triton_machine_alias: "al",
      __meta_triton_machine_brand: "lx",
      __meta_triton_machine_image: "im",
      __meta_triton_server_id: "s1",
      __meta_triton_groups: ",a,b,",
    },
    { __address__: `v2.d.example:${port}`, __meta_triton_machine_id: "v2" },
  ]);
});

test("a compute node has two labels", async () => {
  const body = { cns: [{ server_uuid: "s1", server_hostname: "n1" }] };
  const [found] = await targetsOf(tritonDiscoverer, (url) => `${section(url)}\nrole: cn`, { body });
  expect(found).toEqual({
    __address__: expect.stringMatching(/^s1\.d\.example:\d+$/) as string,
    __meta_triton_machine_id: "s1",
    __meta_triton_machine_alias: "n1",
  });
});

test.each<[object, string]>([
  [{ body: "<html>" }, "answer is not JSON: "],
  [{ status: 500, body: { message: "no" } }, "answered with HTTP status 500 Internal Server Error"],
  [{ body: { containers: "x" } }, 'field "containers" of the answer is of type string, but array is expected'],
])("the answer %j is a failed refresh", async (answer, message) => {
  expect(await refreshError(tritonDiscoverer, section, answer)).toContain(message);
});

test("a certificate that is signed by no authority is a failed refresh", async () => {
  const settings = (url: string): string => `${valid}\nport: ${new URL(url).port}`;
  expect(await refreshError(tritonDiscoverer, settings, { body: {} })).toMatch(/certificate/);
});

test.each([
  ["role: vm", "triton SD configuration requires role to be 'container' or 'cn'", 1],
  ["{}", "triton SD configuration requires an account", 1],
  ["account: a", "triton SD configuration requires a dns_suffix", 1],
  ["account: a\ndns_suffix: b\nendpoint: ''", "triton SD configuration requires an endpoint", 3],
  [`${valid}\nrefresh_interval: 0s`, "triton SD configuration requires RefreshInterval to be a positive integer", 4],
  [`${valid}\nbearer_token: a`, "field bearer_token not found in type triton.plain", 4],
])("the section %j is refused", (yaml, message, line) => {
  expect(decodeYaml(yaml, "test.yml", tritonDiscoverer.codec)).toMatchObject({
    ok: false,
    problems: [{ message, line }],
  });
});
