import { decodeYaml } from "@narthex/config";
import { expect, test } from "vitest";
import { refreshError, startWith, targetsOf } from "../../testing/one-answer.ts";
import type { ServedAnswer, ServedRequest } from "../../testing/served-kind.ts";
import { faultXml } from "./served-uyuni.ts";
import { uyuniDiscoverer } from "./uyuni.ts";

const section = (url: string): string => `server: ${url}/x\nusername: u\npassword: canary<&>`;

const result = (value: string): ServedAnswer => ({
  body: `<methodResponse><params><param><value>${value}</value></param></params></methodResponse>`,
});
const struct = (...members: readonly (readonly [string, string])[]): string =>
  `<value><struct>${members.map(([name, value]) => `<member><name>${name}</name><value>${value}</value></member>`).join("")}</struct></value>`;
const array = (...values: readonly string[]): string => `<array><data>${values.join("")}</data></array>`;

const ANSWERS: Readonly<Record<string, string>> = {
  "auth.login": "t0",
  "system.listSystemGroupsForSystemsWithEntitlement": array(
    struct(
      ["id", "<int>7</int>"],
      ["system_groups", array(struct(["name", "a"]), struct(["name", "<string>b</string>"]))],
    ),
    struct(["id", "<i4>8</i4>"]),
  ),
  "system.monitoring.listEndpoints": array(
    struct(
      ["system_id", "<int>7</int>"],
      ["endpoint_name", "e"],
      ["port", "<int>9100</int>"],
      ["path", "/p"],
      ["module", "m"],
      ["exporter_name", "x"],
      ["tls_enabled", "<boolean>1</boolean>"],
    ),
    struct(["system_id", "<int>9</int>"], ["module", "<nil/>"]),
  ),
  "system.getNetworkForSystems": array(struct(["system_id", "<int>7</int>"], ["hostname", "h"], ["primary_fqdn", "f"])),
};

const methodOf = ({ body }: ServedRequest): string => /<methodName>(.*)<\/methodName>/.exec(body)![1]!;
const serve =
  (changes: Readonly<Record<string, ServedAnswer>> = {}) =>
  (request: ServedRequest): ServedAnswer =>
    changes[methodOf(request)] ?? result(ANSWERS[methodOf(request)]!);

test("an exporter has the labels of its system, also if Uyuni does not know the system's network", async () => {
  expect(await targetsOf(uyuniDiscoverer, section, serve())).toEqual([
    {
      __address__: "h:9100",
      __meta_uyuni_minion_hostname: "h",
      __meta_uyuni_primary_fqdn: "f",
      __meta_uyuni_system_id: "7",
      __meta_uyuni_groups: "a,b",
      __meta_uyuni_endpoint_name: "e",
      __meta_uyuni_exporter: "x",
      __meta_uyuni_proxy_module: "m",
      __meta_uyuni_metrics_path: "/p",
      __meta_uyuni_scheme: "https",
    },
    { __address__: ":0", __meta_uyuni_system_id: "9", __meta_uyuni_scheme: "http" },
  ]);
});

test("the calls have the token of a login, which is repeated after five minutes and after a failure", async () => {
  const { api, run } = await startWith(uyuniDiscoverer, section, serve());
  const refresh = async (ms: number): Promise<readonly string[]> => {
    const next = run.next();
    await run.clock.advance(ms);
    await next;
    return api.requests.splice(0).map((request) => `${request.path} ${methodOf(request)}`);
  };
  await run.next();
  const [login, ...calls] = api.requests.splice(0).map(({ body }) => body);
  expect(login).toBe(
    '<?xml version="1.0" encoding="UTF-8"?><methodCall><methodName>auth.login</methodName><params>' +
      "<param><value><string>u</string></value></param><param><value><string>canary&lt;&amp;&gt;</string></value></param>" +
      "<param><value><int>600</int></value></param></params></methodCall>",
  );
  expect(
    calls.map((body) => /<params>.*<\/params>/.exec(body)![0].replaceAll(/<\/?(?:params?|value|data)>/g, "")),
  ).toEqual([
    "<string>t0</string><string>monitoring_entitled</string>",
    "<string>t0</string><array><int>7</int><int>8</int></array>",
    "<string>t0</string><array><int>7</int><int>8</int></array>",
  ]);
  const withoutLogin = Object.keys(ANSWERS)
    .slice(1)
    .map((method) => `/x/rpc/api ${method}`);
  expect(await refresh(60_000)).toEqual(withoutLogin);
  for (let i = 0; i < 3; i++) await refresh(60_000);
  expect(await refresh(60_000)).toEqual(["/x/rpc/api auth.login", ...withoutLogin]);
  api.answer = serve({ "system.getNetworkForSystems": { status: 502 } });
  await run.clock.advance(60_000);
  while (run.logger.lines.length === 0) await run.clock.advance(0);
  api.answer = serve();
  api.requests.splice(0);
  expect(await refresh(60_000)).toEqual(["/x/rpc/api auth.login", ...withoutLogin]);
});

test("a fault that repeats the password is logged without it", async () => {
  const section = (url: string): string => `{server: "${url}", username: u, password: "se<r&t"}`;
  const fault = faultXml(2950, "who is u with se&lt;r&amp;t?");
  const error = await refreshError(uyuniDiscoverer, section, serve({ "auth.login": fault }));
  expect(error).toContain("Fault(2950): who is u with <secret>?");
});

test.each<[string, ServedAnswer, string]>([
  ["auth.login", faultXml(2950, "who?"), "unable to login to Uyuni API: Fault(2950): who?"],
  ["auth.login", { status: 503, body: "later" }, "answered with HTTP status 503 Service Unavailable: later"],
  ["auth.login", { body: "<html/>" }, "unable to login to Uyuni API: answer has no result of a call of XML-RPC"],
  ["auth.login", result("<int>1</int>"), 'a value of the answer is the int "1", but string is expected'],
  [
    "system.listSystemGroupsForSystemsWithEntitlement",
    result(array(struct(["id", "x"]))),
    'unable to get the managed system groups information of monitored clients: a value of the answer is the string "x", but int is expected',
  ],
  [
    "system.monitoring.listEndpoints",
    result("x"),
    "unable to get endpoints information: a value of the answer is the string",
  ],
  ["system.getNetworkForSystems", result(array("<value>1</value>")), "unable to get the systems network information: "],
  [
    "system.monitoring.listEndpoints",
    result(array(struct(["tls_enabled", "<boolean>yes</boolean>"]))),
    'the boolean "yes"',
  ],
])("a wrong answer of %s is a failed refresh", async (method, answer, message) => {
  const error = await refreshError(uyuniDiscoverer, section, serve({ [method]: answer }));
  expect(error).toContain(message);
  expect(error).not.toContain("canary");
});

test("a server without a scheme is a failed refresh", async () => {
  const error = await refreshError(uyuniDiscoverer, () => "server: uyuni.example\nusername: u\npassword: canary", {});
  expect(error).toMatch(/^unable to login to Uyuni API: .*uyuni\.example\/rpc\/api/);
  expect(error).not.toContain("canary");
});

test.each([
  ["{}", "Uyuni SD configuration requires server host", 1],
  ["username: a\nserver: ':'", 'Uyuni Server URL is not valid: parse ":": missing protocol scheme', 2],
  ["server: a", "Uyuni SD configuration requires a username", 1],
  ["server: a\nusername: b\npassword: ''", "Uyuni SD configuration requires a password", 3],
  ["server: a\nusername: b\npassword: c\nnope: 1", "field nope not found in type uyuni.plain", 4],
])("the section %j is refused", (yaml, message, line) => {
  expect(decodeYaml(yaml, "test.yml", uyuniDiscoverer.codec)).toMatchObject({
    ok: false,
    problems: [{ message, line }],
  });
});
