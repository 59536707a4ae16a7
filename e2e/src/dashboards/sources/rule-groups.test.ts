import { afterAll, beforeAll, expect, test } from "vitest";
import { dashboardsArguments } from "../../support/dashboards-arguments.ts";
import { eventually } from "../../support/eventually.ts";
import { freePort } from "../../support/ports.ts";
import { narthex, type Running } from "../../support/running.ts";
import { Workplace } from "../../support/workplace.ts";

let workplace: Workplace;
let server: Running;
let role: Running;
let base: string;

const MIMIR = "?subtype=mimir";
const GROUP = {
  name: "web: 1",
  interval: "1s",
  rules: [{ alert: "AlwaysHere", expr: "vector(1)", labels: { team: "a" }, annotations: { note: "two\nlines" } }],
};

beforeAll(async () => {
  workplace = new Workplace();
  const [serverPort, port] = [await freePort(), await freePort()];
  server = narthex([
    "server",
    `--config.file=${workplace.write("prometheus.yml", "scrape_configs: []\n")}`,
    `--storage.tsdb.path=${workplace.path("data")}`,
    `--web.listen-address=127.0.0.1:${serverPort}`,
    `--rules.api.path=${workplace.path("stored-rules")}`,
  ]);
  await server.ready(`http://127.0.0.1:${serverPort}/-/ready`);
  workplace.write(
    "provisioning/datasources/main.yml",
    `apiVersion: 1\ndatasources: [{name: Main, type: prometheus, uid: main, url: 'http://127.0.0.1:${serverPort}'}]\n`,
  );
  base = `http://127.0.0.1:${port}`;
  const settings = ["auth.anonymous.enabled=true", "security.admin_password=secret"];
  role = narthex(dashboardsArguments(workplace, port, settings));
  await role.ready(`${base}/api/health`);
});

afterAll(async () => {
  await role?.[Symbol.asyncDispose]();
  await server?.[Symbol.asyncDispose]();
  workplace?.[Symbol.dispose]();
});

async function call(method: string, path: string, body?: unknown, user = "admin:secret") {
  const response = await fetch(base + path, {
    method,
    headers: {
      ...(user === "" ? {} : { authorization: `Basic ${btoa(user)}` }),
      "content-type": "application/json",
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return [response.status, (await response.json()) as { readonly message?: string }] as const;
}

const rules = (rest = "") => `/api/ruler/main/api/v1/rules${rest}`;

test("Grafana's clients store, list and delete rule groups of a server through the dashboards", async () => {
  expect(await call("GET", rules(MIMIR))).toEqual([200, {}]);
  expect(await call("POST", rules(`/QUERY_NAMESPACE${MIMIR}&namespace=shop%2Feu`), GROUP)).toEqual([
    202,
    { status: "success", data: null, errorType: "", error: "" },
  ]);
  expect(await call("GET", rules(MIMIR), undefined, "")).toEqual([200, { "shop/eu": [GROUP] }]);
  expect(await call("GET", rules(`/shop%2Feu/web:%201${MIMIR}`))).toEqual([200, GROUP]);
  await eventually("the stored rule fires", async () => {
    const [, answer] = await call("GET", "/api/prometheus/main/api/v1/rules?type=alert", undefined, "");
    expect(answer).toMatchObject({
      data: { groups: [{ name: "web: 1", file: "shop/eu", rules: [{ state: "firing" }] }] },
    });
  });
  const [, alerts] = await call("GET", "/api/prometheus/main/api/v1/alerts");
  expect(alerts).toMatchObject({ data: { alerts: [{ labels: { alertname: "AlwaysHere", team: "a" } }] } });
  expect((await call("DELETE", rules(`/shop%2Feu/web:%201${MIMIR}`)))[0]).toBe(202);
  expect(await call("GET", rules(`/shop%2Feu/web:%201${MIMIR}`))).toEqual([
    404,
    { message: expect.stringContaining("group does not exist") },
  ]);
});

test("a mistake in a group is the server's message, and a path without the API names the remedy", async () => {
  const broken = { ...GROUP, rules: [{ alert: "x", expr: "up ==" }] };
  const [status, { message }] = await call("POST", rules(`/shop${MIMIR}`), broken);
  expect([status, message]).toEqual([400, expect.stringMatching(/parse error/)]);
  const [missing, answer] = await call("GET", rules());
  expect([missing, answer.message]).toEqual([
    500,
    expect.stringMatching(/expected YAML, got text\/html.*subtype=mimir/),
  ]);
  expect((await call("POST", rules(`/shop${MIMIR}`), GROUP, ""))[0]).toBe(401);
});

test("the pages store groups by the proxy, also in a namespace whose name has a slash", async () => {
  const proxied = "/api/datasources/proxy/uid/main";
  const path = `${proxied}/config/v1/rules/team%2Fa`;
  expect((await call("POST", path, GROUP))[0]).toBe(202);
  const [status, stored] = await call("GET", `${proxied}/api/v1/narthex/stored-rules`);
  expect([status, stored]).toMatchObject([200, { data: { namespaces: [{ name: "team/a" }] } }]);
  expect((await call("POST", path, GROUP, ""))[0]).toBe(403);
  expect((await call("DELETE", `${path}/${encodeURIComponent(GROUP.name)}`))[0]).toBe(202);
});
