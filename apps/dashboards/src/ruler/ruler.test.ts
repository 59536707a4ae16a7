import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { type RunningRole, withRole } from "../testing/running-role.ts";

interface Reply {
  readonly status?: number;
  readonly type?: string;
  readonly text?: string;
}

/** A server of a data source: its replies by request line, and the requests that it has received. */
interface Upstream {
  readonly replies: Map<string, Reply>;
  readonly seen: string[];
}

const SOURCES = [
  { uid: "p", type: "prometheus" },
  { uid: "m", type: "prometheus", jsonData: { prometheusType: "Mimir" } },
  { uid: "l", type: "loki" },
  { uid: "a", type: "alertmanager" },
  { uid: "c", type: "alertmanager", jsonData: { implementation: "cortex" } },
  { uid: "u", type: "alertmanager", jsonData: { implementation: "other" } },
  { uid: "t", type: "grafana-testdata-datasource" },
];

/** Starts a dashboards server with data sources whose server answers with the given replies, or with 404. */
async function withUpstream(use: (role: RunningRole, upstream: Upstream) => Promise<void>): Promise<void> {
  const replies = new Map<string, Reply>();
  const seen: string[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (piece: Buffer) => (body += piece.toString()));
    request.on("end", () => {
      const line = `${request.method} ${request.url}`;
      const secret = request.headers.authorization === `Basic ${btoa("u:p")}` ? "" : " without credentials";
      seen.push(`${line} ${request.headers["content-type"] ?? ""} ${body}`.trimEnd() + secret);
      const {
        status = 200,
        type = "application/yaml",
        text = "",
      } = replies.get(line) ?? {
        status: 404,
        type: "text/plain",
        text: "group does not exist\n",
      };
      response.writeHead(status, { "content-type": type, "set-cookie": "x=1", location: "http://10.0.0.1" }).end(text);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/base/`;
  try {
    await withRole({ env: { GF_AUTH_ANONYMOUS_ENABLED: "true" } }, async (role) => {
      const secret = { basicAuth: true, basicAuthUser: "u", secureJsonData: { basicAuthPassword: "p" } };
      for (const source of SOURCES)
        await role.call("POST", "/api/datasources", { ...source, ...secret, name: source.uid, access: "proxy", url });
      await use(role, { replies, seen });
    });
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

const GROUPS =
  "shop:\n    - name: web\n      interval: 1m\n      rules:\n        - alert: Down\n          expr: up == 0\n";
const WEB = { name: "web", interval: "1m", rules: [{ alert: "Down", expr: "up == 0" }] };
const ACCEPTED: Reply = { status: 202, type: "application/json", text: '{"status":"success"}' };

const ruler = (uid: string, rest = "") => `/api/ruler/${uid}/api/v1/rules${rest}`;

test("rule groups are JSON, from the path of the data source's kind and of the subtype", async () => {
  await withUpstream(async ({ call }, { replies, seen }) => {
    for (const path of ["rules", "config/v1/rules", "api/prom/rules"])
      replies.set(`GET /base/${path}`, { text: GROUPS });
    for (const [uid, query] of [
      ["p", ""],
      ["p", "?subtype=mimir"],
      ["p", "?subtype=cortex"],
      ["p", "?subtype=other"],
      ["m", ""],
      ["m", "?subtype=prometheus"],
      ["l", "?subtype=mimir"],
    ] as const) {
      const { status, json, headers } = await call("GET", ruler(uid, query));
      expect([status, json]).toEqual([200, { shop: [WEB] }]);
      expect(headers.has("set-cookie")).toBe(false);
    }
    expect(seen.map((line) => line.slice("GET /base/".length))).toEqual([
      "rules",
      "config/v1/rules",
      "rules",
      "rules",
      "config/v1/rules",
      "rules",
      "api/prom/rules",
    ]);
  });
});

test("a group is read, stored and deleted, also with a slash in its name, and the changes are in the audit log", async () => {
  await withUpstream(async ({ call }, { replies, seen }) => {
    const base = "/base/config/v1/rules";
    replies.set(`GET ${base}/shop/web`, { text: "name: web\nrules: []\n" });
    replies.set(`POST ${base}/shop`, ACCEPTED);
    replies.set(`POST ${base}/a%2Fb`, ACCEPTED);
    replies.set(`DELETE ${base}/a%2Fb/c%2Fd`, { ...ACCEPTED, text: "gone" });
    replies.set(`DELETE ${base}/shop`, { ...ACCEPTED, type: "text/plain", text: "" });
    const mimir = "?subtype=mimir";
    const answers = [
      await call("GET", ruler("p", `/shop/web${mimir}`)),
      await call("POST", ruler("p", `/shop${mimir}`), { ...WEB, extra: 1 }),
      await call("POST", ruler("p", `/a%2Fb${mimir}`), WEB),
      await call("DELETE", ruler("p", `/a%2Fb/c%2Fd${mimir}`)),
      await call("DELETE", ruler("p", `/QUERY_NAMESPACE/QUERY_GROUP${mimir}&namespace=a%2Fb&group=c%2Fd`)),
      await call("DELETE", ruler("p", `/shop${mimir}`)),
    ];
    expect(answers.map(({ status, json }) => [status, json])).toEqual([
      [200, { name: "web", rules: [] }],
      [202, { status: "success" }],
      [202, { status: "success" }],
      [202, { message: "gone" }],
      [202, { message: "gone" }],
      [202, { message: "" }],
    ]);
    expect(seen[1]).toBe(
      `POST ${base}/shop application/yaml name: web\ninterval: 1m\nrules:\n- alert: Down\n  expr: up == 0`,
    );
    const { json: log } = await call("GET", "/api/narthex/audit?kind=rule-group");
    expect(log.records.map((one: Record<string, string>) => [one["action"], one["uid"], one["name"]])).toEqual([
      ["deleted", "p", "a/b/c/d"],
      ["deleted", "p", "a/b/c/d"],
      ["changed", "p", "a/b/web"],
      ["changed", "p", "shop/web"],
    ]);
    const { json: spaces } = await call("GET", "/api/narthex/audit?kind=rule-namespace");
    expect(spaces.records).toMatchObject([{ action: "deleted", name: "shop", actor: { login: "admin" } }]);
  });
});

test("viewers read rules, and only editors who may query the data source change them", async () => {
  await withUpstream(async ({ call }, { replies, seen }) => {
    replies.set("GET /base/config/v1/rules", { text: "{}\n" });
    replies.set("POST /base/config/v1/rules/shop", ACCEPTED);
    const people = { Viewer: "viewer:secret", Editor: "editor:secret" };
    for (const [role, user] of Object.entries(people)) {
      const login = user.split(":", 1)[0]!;
      const { json } = await call("POST", "/api/admin/users", { login, password: "secret" });
      await call("PATCH", `/api/org/users/${json.id}`, { role });
    }
    const mimir = "?subtype=mimir";
    const status = async (user: string, method: string, rest: string) =>
      (await call(method, ruler("p", rest + mimir), method === "POST" ? WEB : undefined, { user })).status;
    expect(await status("", "GET", "")).toBe(200);
    expect(await status(people.Viewer, "POST", "/shop")).toBe(403);
    expect(await status(people.Viewer, "DELETE", "/shop")).toBe(403);
    expect(await status(people.Editor, "POST", "/shop")).toBe(202);
    await call("POST", "/api/access-control/datasources/p/builtInRoles/Editor", { permission: "" });
    await call("POST", "/api/access-control/datasources/p/builtInRoles/Viewer", { permission: "" });
    expect(await status(people.Editor, "POST", "/shop")).toBe(403);
    expect(await status(people.Viewer, "GET", "")).toBe(403);
    expect(seen).toHaveLength(2);
  });
});

test("a token that may read only some series reads no rule groups, and only its own rules and alerts", async () => {
  await withUpstream(async ({ call }, { replies }) => {
    const rule = (job: string) => ({ type: "alerting", name: "x", labels: { job }, alerts: [] });
    const data = { groups: [{ name: "g", rules: [rule("a"), rule("b")] }] };
    replies.set("GET /base/api/v1/rules?type=alert", { type: "application/json", text: JSON.stringify({ data }) });
    replies.set("GET /base/rules", { text: "{}\n" });
    const { json: account } = await call("POST", "/api/serviceaccounts", { name: "s", role: "Viewer" });
    const { json } = await call("POST", `/api/serviceaccounts/${account.id}/tokens`, {
      name: "t",
      matchers: '{job="a"}',
    });
    const token = { user: "", headers: { authorization: `Bearer ${json.key}` } };
    const rules = await call("GET", "/api/prometheus/p/api/v1/rules?type=alert", undefined, token);
    expect([rules.status, rules.json.data.groups[0].rules]).toEqual([200, [rule("a")]]);
    expect((await call("GET", ruler("p"), undefined, token)).status).toBe(403);
  });
});

test("the state of rules and alerts comes from the paths of the data source's kind", async () => {
  await withUpstream(async ({ call }, { replies, seen }) => {
    const reply = { type: "application/json", text: '{"status":"success","data":{"groups":[]}}' };
    for (const path of [
      "api/v1/rules?type=alert",
      "api/v1/alerts",
      "prometheus/api/v1/rules",
      "prometheus/api/v1/alerts",
    ])
      replies.set(`GET /base/${path}`, reply);
    for (const path of ["p/api/v1/rules?type=alert", "p/api/v1/alerts", "l/api/v1/rules", "l/api/v1/alerts"]) {
      const { status, text } = await call("GET", `/api/prometheus/${path}`);
      expect([status, text]).toEqual([200, reply.text]);
    }
    expect(seen).toHaveLength(4);
  });
});

test("the Alertmanager's alerts and silences have the paths of the implementation", async () => {
  await withUpstream(async ({ call }, { replies, seen }) => {
    const json = (text: string): Reply => ({ type: "application/json", text });
    for (const root of ["/base", "/base/alertmanager"]) {
      replies.set(`GET ${root}/api/v2/silences?filter=a%3Db`, json("[]"));
      replies.set(`POST ${root}/api/v2/silences`, json('{"silenceID":"7"}'));
      replies.set(`DELETE ${root}/api/v2/silence/7`, { text: "" });
      replies.set(`GET ${root}/api/v2/alerts/groups`, json("[]"));
      replies.set(`POST ${root}/api/v2/alerts`, { text: "" });
    }
    for (const uid of ["a", "c"]) {
      const api = `/api/alertmanager/${uid}/api/v2`;
      const answers = [
        await call("GET", `${api}/silences?filter=a%3Db`),
        await call("POST", `${api}/silences`, { id: "7", comment: "c" }),
        await call("DELETE", `${api}/silence/7`),
        await call("GET", `${api}/alerts/groups`),
        await call("POST", `${api}/alerts`, []),
      ];
      expect(answers.map(({ status, text }) => [status, text])).toEqual([
        [200, "[]"],
        [200, '{"silenceID":"7"}'],
        [200, '{"message":""}'],
        [200, "[]"],
        [200, '{"message":""}'],
      ]);
    }
    expect(seen[1]).toBe('POST /base/api/v2/silences application/json {"id":"7","comment":"c"}');
    expect((await call("POST", "/api/alertmanager/a/api/v2/silences", {}, { user: "" })).status).toBe(401);
    expect((await call("GET", "/api/narthex/audit?kind=silence")).json.records).toHaveLength(4);
  });
});

test("each error names its reason, and an error of the data source's server has its own status and message", async () => {
  await withUpstream(async ({ call }, { replies }) => {
    const refusedOf = async (method: string, path: string, body?: unknown) => {
      const { status, json } = await call(method, path, body);
      return [status, json?.message];
    };
    replies.set("GET /base/rules", { type: "text/html", text: "<html>" });
    replies.set("GET /base/rules/html", { status: 502, type: "text/html", text: "<html>" });
    replies.set("GET /base/rules/json", { status: 422, type: "application/json", text: '{"message":"no"}' });
    replies.set("GET /base/rules/login", { status: 401 });
    replies.set("GET /base/rules/away", { status: 302 });
    replies.set("GET /base/rules/broken", { text: "a: [\n" });
    replies.set("POST /base/rules/plain", { type: "text/plain", text: "ok" });
    expect(await refusedOf("GET", ruler("none"))).toEqual([404, "Data source not found"]);
    expect(await refusedOf("GET", ruler("t"))).toEqual([
      400,
      "unexpected datasource type 'grafana-testdata-datasource', expected loki, prometheus: name a data source that " +
        "evaluates rules itself",
    ]);
    expect((await refusedOf("GET", "/api/alertmanager/p/api/v2/status"))[0]).toBe(400);
    expect((await refusedOf("GET", "/api/alertmanager/u/api/v2/status"))[1]).toMatch(/"other": choose prometheus/);
    const [status, message] = await refusedOf("GET", ruler("p"));
    expect(status).toBe(500);
    expect(message).toMatch(/^unexpected content type from upstream. expected YAML, got text\/html: .*\?subtype=mimir/);
    expect(await refusedOf("GET", ruler("p", "/x/y"))).toEqual([404, "group does not exist\n"]);
    expect(await refusedOf("GET", ruler("p", "/html"))).toEqual([502, "redacted html"]);
    expect(await refusedOf("GET", ruler("p", "/json"))).toEqual([422, "no"]);
    expect(await refusedOf("GET", ruler("p", "/login"))).toEqual([400, "Authentication to data source failed"]);
    expect((await refusedOf("GET", ruler("p", "/away")))[0]).toBe(502);
    expect((await refusedOf("GET", ruler("p", "/broken")))[1]).toMatch(/cannot be read: response:\d+:\d+/);
    expect((await refusedOf("POST", ruler("p", "/plain"), WEB))[1]).toMatch(/expected JSON, got text\/plain$/);
    expect(await refusedOf("GET", ruler("p", "/QUERY_NAMESPACE"))).toEqual([400, "namespace query parameter is empty"]);
    expect(await refusedOf("GET", ruler("p", "/..%2F..%2Fsecret"))).toEqual([
      400,
      "the path leads out of the data source",
    ]);
    expect((await refusedOf("POST", ruler("p", "/x"), { ...WEB, name: "x".repeat(300_000) }))[0]).toBe(413);
    const away = { uid: "away", name: "away", type: "prometheus", access: "proxy", url: "http://127.0.0.1:9" };
    await call("POST", "/api/datasources", away);
    expect(await refusedOf("GET", ruler("away"))).toEqual([
      502,
      "Failed to call data source: the data source cannot be reached: connect: connection refused",
    ]);
  });
});
