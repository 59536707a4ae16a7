import { decodeYaml } from "@narthex/config";
import { expect, test } from "vitest";
import { DiscovererRun } from "../../testing/discoverer-run.ts";
import { refreshError, startWith, targetsOf } from "../../testing/one-answer.ts";
import { nomadMetrics } from "./nomad-metrics.ts";
import { nomadDiscoverer } from "./nomad.ts";

const section = (url: string): string => `server: ${url}`;

/** Answers with one service and these instances. */
const withInstances =
  (instances: unknown) =>
  ({ path }: { readonly path: string }) =>
    path === "/v1/services"
      ? {
          body: [
            { Namespace: "default", Services: [{ ServiceName: "a/b" }] },
            { Services: [{ ServiceName: "a/b" }] },
            { Services: null },
          ],
        }
      : { body: instances };

test("an instance has a label for each of its properties", async () => {
  const instance = {
    ID: "_nomad-1",
    ServiceName: "a/b",
    Namespace: "default",
    NodeID: "n1",
    Datacenter: "dc1",
    Tags: ["x", "y"],
    Address: "2001:db8::1",
    Port: 8080,
  };
  const answers = withInstances([instance, { Address: "h", Tags: [] }]);
  expect(await targetsOf(nomadDiscoverer, (url) => `${section(url)}\ntag_separator: ;`, answers)).toEqual([
    {
      __address__: "[2001:db8::1]:8080",
      __meta_nomad_address: "2001:db8::1",
      __meta_nomad_dc: "dc1",
      __meta_nomad_node_id: "n1",
      __meta_nomad_namespace: "default",
      __meta_nomad_service: "a/b",
      __meta_nomad_service_address: "2001:db8::1",
      __meta_nomad_service_id: "_nomad-1",
      __meta_nomad_service_port: "8080",
      __meta_nomad_tags: ";x;y;",
    },
    {
      __address__: "h:0",
      __meta_nomad_address: "h",
      __meta_nomad_service_address: "h",
      __meta_nomad_service_port: "0",
    },
  ]);
});

test("requests have namespace, region and token, a service is requested once, and a path of the server's URL is ignored", async () => {
  const settings = (url: string): string =>
    `server: ${url}/ui/\nnamespace: '*'\nregion: ''\nallow_stale: false\nhttp_headers: {X-Nomad-Token: {secrets: [t]}}`;
  const { api, run } = await startWith(nomadDiscoverer, settings, withInstances([]));
  await run.next();
  expect(
    api.requests.map(({ path, query, headers }) => `${path}?${query.toString()} ${String(headers["x-nomad-token"])}`),
  ).toEqual(["/v1/services?namespace=* t", "/v1/service/a%2Fb?namespace=* t"]);
});

test("a failed request is counted, also if it is one for a service", async () => {
  const { run } = await startWith(nomadDiscoverer, section, withInstances({}));
  while (run.logger.lines.length === 0) await run.clock.advance(0);
  expect(run.logger.lines[0]!.fields["err"]).toBe("the answer is of type object, but array is expected");
  expect((await nomadMetrics.of(run.metrics).failures.get()).values[0]!.value).toBe(1);
});

test.each<[unknown, string]>([
  ["[", "answer is not JSON: "],
  [[{ Services: [{ ServiceName: 1 }] }], 'field "[0].Services[0].ServiceName" of the answer is of type number'],
])("the answer %j is a failed refresh", async (body, message) => {
  expect(await refreshError(nomadDiscoverer, section, { body })).toContain(message);
});

test("a server without a scheme cannot be used", async () => {
  const run = new DiscovererRun(nomadDiscoverer, "server: nomad.example");
  await expect(run[Symbol.asyncDispose]()).rejects.toThrow("server of nomad_sd_configs: URL scheme must be");
});

test.each([
  ["server: ''", "nomad SD configuration requires a server address", 1],
  ["region: a\nserver: ' '", "nomad SD configuration requires a server address", 2],
  ["allow_stale: 3", "field allow_stale: cannot unmarshal !!int `3` into bool", 1],
  ["nope: 1", "field nope not found in type nomad.plain", 1],
])("the section %j is refused", (yaml, message, line) => {
  expect(decodeYaml(yaml, "test.yml", nomadDiscoverer.codec)).toMatchObject({
    ok: false,
    problems: [{ message, line }],
  });
});
