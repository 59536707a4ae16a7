import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { type RunningRole, withRole } from "../testing/running-role.ts";

/**
 * Starts a fake Prometheus that answers each query with the query as a label, and a dashboards server that queries it.
 */
async function withPrometheus(use: (role: RunningRole, asked: string[]) => Promise<void>): Promise<void> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (piece: Buffer) => (body += piece.toString()));
    request.on("end", () => {
      const url = new URL(request.url!, "http://prometheus");
      const parameters = new URLSearchParams([...url.searchParams, ...new URLSearchParams(body)]);
      const text = parameters.get("query") ?? parameters.getAll("match[]").join(" ");
      asked.push(`${url.pathname.slice("/api/v1/".length)} ${text}`.trim());
      const values = [[Number(parameters.get("end") ?? 0), "1"]];
      const result = [{ metric: { query: text }, values }];
      const data = url.pathname.endsWith("/query_range")
        ? { resultType: "matrix", result }
        : url.pathname.endsWith("/query")
          ? { resultType: "vector", result: [] }
          : [];
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ status: "success", data }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    await withRole({}, async (role) => {
      for (const [uid, type] of [
        ["p", "prometheus"],
        ["t", "grafana-testdata-datasource"],
        ["m", "alertmanager"],
      ])
        await role.call("POST", "/api/datasources", { uid, name: uid, type, url, access: "proxy" });
      await use(role, asked);
    });
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

type Caller = ReturnType<typeof callerOf>;
const callerOf =
  ({ call }: RunningRole, key: string) =>
  (method: string, path: string, body?: unknown) =>
    call(method, path, body, { user: "", headers: { authorization: `Bearer ${key}` } });

async function withToken(role: RunningRole, accountRole: string, restriction: object = {}): Promise<Caller> {
  const name = `${accountRole} ${JSON.stringify(restriction)}`;
  const { json: account } = await role.call("POST", "/api/serviceaccounts", { name, role: accountRole });
  const made = await role.call("POST", `/api/serviceaccounts/${account.id}/tokens`, { name: "one", ...restriction });
  return callerOf(role, made.json.key);
}

const range = { from: "1700000000000", to: "1700003600000" };
const panel = (uid: string, more: object = {}) => ({
  ...range,
  queries: [{ refId: "A", datasource: { uid }, expr: "up", range: true, ...more }],
});

test("queries, variables, annotations and the proxy read only series of the limit, and no answer reaches another person", async () => {
  await withPrometheus(async (role, asked) => {
    const [all, teamA, teamB] = [
      await withToken(role, "Viewer"),
      await withToken(role, "Viewer", { matchers: '{team="a"}' }),
      await withToken(role, "Viewer", { matchers: '{team="b"}' }),
    ];
    for (const [caller, query] of [
      [all, "up"],
      [teamA, 'up{team="a"}'],
      [teamB, 'up{team="b"}'],
      [all, "up"],
      [teamA, 'up{team="a"}'],
    ] as const) {
      const { status, json } = await caller("POST", "/api/ds/query", panel("p"));
      expect([status, json.results.A.frames[0].schema.fields[1].labels]).toEqual([200, { query }]);
      const mixed = await caller("POST", "/api/ds/query", panel("-- Mixed --", { datasource: { uid: "p" } }));
      expect(mixed.json.results.A.frames[0].schema.fields[1].labels).toEqual({ query });
    }
    asked.length = 0;
    const own = (path: string, query: unknown) => teamA("POST", path, { ...range, datasource: { uid: "p" }, query });
    const variables = "/api/narthex/variables/values";
    for (const query of [
      "label_values(up, job)",
      "label_values(job)",
      "label_names()",
      "metrics(x)",
      "query_result(up)",
    ])
      expect([query, (await own(variables, query)).status]).toEqual([query, 200]);
    expect((await own("/api/narthex/annotations/query", { expr: "up" })).status).toBe(200);
    const metrics = await teamA("POST", "/api/narthex/metrics", {
      ...range,
      datasource: { uid: "p" },
      selector: "{a='b'}",
    });
    expect(metrics.status).toBeLessThan(500);
    for (const path of ["api/v1/query?query=up", "api/v1/labels"])
      for (const proxy of [
        "/api/datasources/proxy/uid/p/",
        "/api/datasources/uid/p/resources/",
        "/api/datasources/proxy/1/",
      ])
        expect([proxy, (await teamA("GET", proxy + path)).status]).toEqual([proxy, 200]);
    expect(asked.length).toBeGreaterThan(10);
    expect(asked.filter((line) => !line.includes('team="a"') && line !== "metadata")).toEqual([]);
    expect((await teamA("GET", "/api/datasources/proxy/uid/p/api/v1/metadata")).status).toBe(403);
    expect((await all("GET", "/api/datasources/proxy/uid/p/api/v1/metadata")).status).toBe(200);
  });
});

test("sources that cannot be limited answer 403 to a limited person, and answer others", async () => {
  await withPrometheus(async (role) => {
    const [all, teamA] = [await withToken(role, "Viewer"), await withToken(role, "Viewer", { matchers: '{team="a"}' })];
    const random = panel("t", { scenarioId: "random_walk" });
    expect((await all("POST", "/api/ds/query", random)).status).toBe(200);
    for (const uid of ["t", "m"]) {
      const { status, json } = await teamA("POST", "/api/ds/query", panel(uid, { scenarioId: "random_walk" }));
      expect([uid, status, json.results.A.error]).toEqual([uid, 403, expect.stringContaining("cannot be limited")]);
    }
    expect((await teamA("GET", "/api/datasources/proxy/uid/m/api/v2/silences")).status).toBe(403);
  });
});

test("a member of teams with matchers of different labels reads nothing, and learns why", async () => {
  await withPrometheus(async (role) => {
    const { call } = role;
    await call("POST", "/api/admin/users", { login: "eve", password: "eves password" });
    for (const narthexMatchers of ['{team="a"}', '{job="b"}']) {
      const { json } = await call("POST", "/api/teams", { name: narthexMatchers, narthexMatchers });
      await call("POST", `/api/teams/${json.teamId}/members`, { userId: 2 });
    }
    const eve = { user: "eve:eves password" };
    const { status, json } = await call("POST", "/api/ds/query", panel("p"), eve);
    expect([status, json.results.A.error]).toEqual([403, expect.stringContaining("differ in more than one label")]);
    const proxied = await call("GET", "/api/datasources/proxy/uid/p/api/v1/query?query=up", undefined, eve);
    expect([proxied.status, proxied.json.message]).toEqual([403, expect.stringContaining("differ in more than one")]);
  });
});

test("a limited account has no rights of an admin, so it cannot give itself a token without a limit", async () => {
  await withPrometheus(async (role) => {
    const limited = await withToken(role, "Admin", { matchers: '{team="a"}' });
    for (const [method, path] of [
      ["POST", "/api/serviceaccounts"],
      ["POST", "/api/serviceaccounts/2/tokens"],
      ["PUT", "/api/datasources/uid/p"],
      ["POST", "/api/teams"],
      ["GET", "/api/admin/settings"],
    ] as const)
      expect([path, (await limited(method, path, method === "GET" ? undefined : { name: "x" })).status]).toEqual([
        path,
        403,
      ]);
    expect((await limited("POST", "/api/folders", { title: "F" })).status).toBe(200);
  });
});

test("a limited person who may manage a service account adds no token to it, which could read all series", async () => {
  await withPrometheus(async ({ call }) => {
    await call("POST", "/api/admin/users", { login: "eve", password: "eves password" });
    const { json: account } = await call("POST", "/api/serviceaccounts", { name: "scripts", role: "Viewer" });
    const { json: team } = await call("POST", "/api/teams", { name: "A" });
    await call("POST", `/api/teams/${team.teamId}/members`, { userId: 2 });
    const permission = { permission: "Edit" };
    await call("POST", `/api/access-control/serviceaccounts/${account.id}/users/2`, permission);
    const eve = { user: "eve:eves password" };
    const add = async (name: string) =>
      (await call("POST", `/api/serviceaccounts/${account.id}/tokens`, { name }, eve)).status;
    expect(await add("before")).toBe(200);
    await call("PUT", `/api/teams/${team.teamId}`, { name: "A", narthexMatchers: '{team="a"}' });
    expect(await add("after")).toBe(403);
  });
});

test("a limited person who may edit a source does not change it, because its parameters would select other series", async () => {
  await withPrometheus(async (role, asked) => {
    const { json: account } = await role.call("POST", "/api/serviceaccounts", { name: "robot", role: "Editor" });
    const token = async (more: object) =>
      callerOf(role, (await role.call("POST", `/api/serviceaccounts/${account.id}/tokens`, more)).json.key);
    const [all, teamA] = [await token({ name: "all" }), await token({ name: "a", matchers: '{team="a"}' })];
    for (const [uid, level] of [
      ["p", "Edit"],
      ["m", "Admin"],
    ])
      await role.call("POST", `/api/access-control/datasources/${uid}/users/${account.id}`, { permission: level });
    const change = async (caller: Caller) => {
      const { json } = await caller("GET", "/api/datasources/uid/p");
      const jsonData = { customQueryParameters: "match[]=other" };
      return (await caller("PUT", "/api/datasources/uid/p", { ...json, jsonData })).status;
    };
    const values = { datasource: { uid: "p" }, query: "label_values(up, job)", ...range };
    expect((await teamA("DELETE", "/api/datasources/uid/m")).status).toBe(403);
    expect(await change(teamA)).toBe(403);
    expect((await teamA("POST", "/api/narthex/variables/values", values)).status).toBe(200);
    expect(asked.at(-1)).not.toContain("other");
    expect(await change(all)).toBe(200);
  });
});
