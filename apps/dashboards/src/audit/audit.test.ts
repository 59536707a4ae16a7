import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test, vi } from "vitest";
import { type RunningRole, withRole } from "../testing/running-role.ts";
import { AUDITED } from "./audited-collections.ts";

interface Shown {
  readonly action: string;
  readonly kind: string;
  readonly uid?: string;
  readonly name?: string;
  readonly actor: { readonly kind: string; readonly id?: number; readonly login?: string; readonly tokenId?: number };
  readonly [key: string]: unknown;
}

const recordsOf = async ({ call }: RunningRole, query = ""): Promise<readonly Shown[]> =>
  (await call("GET", `/api/narthex/audit?limit=1000&${query}`)).json.records;

/** Returns the audit records as short texts, oldest first, without those about credentials. */
const shortOf = async (role: RunningRole, query = ""): Promise<readonly string[]> =>
  (await recordsOf(role, query))
    .filter(({ kind }) => kind !== "credential")
    .map(({ actor, action, kind, name = "" }) => `${actor.login ?? actor.kind} ${action} ${kind} ${name}`.trim())
    .toReversed();

const cookieOf = (headers: Headers): string =>
  headers
    .getSetCookie()
    .map((cookie) => cookie.split(";")[0]!)
    .find((cookie) => cookie.startsWith("grafana_session="))!;

test("changes have the account of the request, its token, its address and its id", async () => {
  await withRole({}, async (role) => {
    const { call } = role;
    const { json: folder } = await call("POST", "/api/folders", { title: "Team A" });
    await call("PUT", `/api/folders/${folder.uid}`, { title: "Team B", overwrite: true });
    const { json: account } = await call("POST", "/api/serviceaccounts", { name: "robot", role: "Admin" });
    const { json: token } = await call("POST", `/api/serviceaccounts/${account.id}/tokens`, { name: "t1" });
    const headers = { authorization: `Bearer ${token.key}` };
    await call("DELETE", `/api/folders/${folder.uid}`, undefined, { user: "", headers });
    await call("DELETE", `/api/serviceaccounts/${account.id}/tokens/${token.id}`);
    expect(await shortOf(role)).toEqual([
      "server created user admin",
      "admin created folder Team A",
      "admin changed folder Team B",
      "admin created user sa-1-robot",
      "admin created token t1",
      "sa-1-robot deleted folder Team B",
      "admin deleted token t1",
    ]);
    const [renamed] = await recordsOf(role, "action=changed");
    expect(renamed).toMatchObject({
      id: expect.stringMatching(/^\d{15}-\d{6}-[0-9a-f]{8}$/),
      uid: folder.uid,
      actor: { kind: "user", id: 1, login: "admin" },
      before: { title: "Team A" },
      after: { title: "Team B" },
      address: "127.0.0.1",
      requestId: expect.stringMatching(/.+/),
    });
    const [removed] = await recordsOf(role, "kind=folder&action=deleted");
    expect(removed!.actor).toEqual({ kind: "service-account", id: account.id, login: "sa-1-robot", tokenId: token.id });
  });
});

test("sign-ins, failed sign-ins, sign-outs and refused rights are recorded; a mistyped password is not", async () => {
  await withRole({}, async (role) => {
    const { call } = role;
    const nobody = { user: "" };
    await call("POST", "/api/admin/users", { login: "vera", password: "verasecret", name: "Vera" });
    await call("POST", "/login", { user: "vera", password: "wrong" }, nobody);
    await call("POST", "/login", { user: "typed-secret-word", password: "x" }, nobody);
    await call("GET", "/api/user", undefined, { user: "vera:wrong" });
    await call("GET", "/api/user", undefined, { user: "", headers: { authorization: "Bearer glsa_nothing" } });
    const { headers } = await call("POST", "/login", { user: "vera", password: "verasecret" }, nobody);
    const cookie = { user: "", headers: { cookie: cookieOf(headers) } };
    await call("POST", "/api/folders", { title: "F" }, cookie);
    await call("GET", "/logout", undefined, cookie);
    await call("POST", "/api/admin/provisioning/dashboards/reload");
    expect((await shortOf(role)).slice(2)).toEqual([
      "anonymous sign-in-failed session vera",
      "anonymous sign-in-failed session",
      "anonymous sign-in-failed session vera",
      "anonymous sign-in-failed session",
      "vera signed-in session",
      "vera refused route folders:create",
      "vera signed-out session vera",
      "admin reloaded provisioning dashboards",
    ]);
    // A request without credentials is not recorded as a failed sign-in.
    await call("GET", "/api/user", undefined, nobody);
    expect((await recordsOf(role, "action=sign-in-failed")).length).toBe(4);
    // The record of a changed password shows the login of its user.
    await call("PUT", "/api/admin/users/2/password", { password: "another secret" });
    const [changed] = await recordsOf(role, "kind=credential&action=changed");
    expect(changed).toMatchObject({ uid: "2", name: "vera", changed: ["hash"], actor: { login: "admin" } });
    for (let i = 0; i < 40; i++)
      await call("GET", "/api/folders", undefined, { user: "", headers: { authorization: "Bearer x" } });
    expect((await recordsOf(role, "action=sign-in-failed")).length).toBeLessThanOrEqual(30);
  });
});

test("a failed sign-in at a provider is recorded with the provider, and without the code of the address", async () => {
  const env = {
    GF_AUTH_GENERIC_OAUTH_ENABLED: "true",
    GF_AUTH_GENERIC_OAUTH_CLIENT_ID: "id",
    GF_AUTH_GENERIC_OAUTH_CLIENT_SECRET: "client secret",
    GF_AUTH_GENERIC_OAUTH_AUTH_URL: "http://127.0.0.1:1/auth",
    GF_AUTH_GENERIC_OAUTH_TOKEN_URL: "http://127.0.0.1:1/token",
    GF_AUTH_GENERIC_OAUTH_API_URL: "http://127.0.0.1:1/me",
  };
  await withRole({ env }, async (role) => {
    const back = await role.call("GET", "/login/generic_oauth?code=the-code&state=x", undefined, { user: "" });
    expect(back.headers.get("location")).toBe("/login?error=expired");
    const [record] = await recordsOf(role, "action=sign-in-failed");
    expect(record).toMatchObject({ kind: "session", uid: "generic_oauth", actor: { kind: "anonymous" } });
    expect(JSON.stringify(record)).not.toContain("the-code");
  });
});

test("a wrong header of a reverse proxy is a failed sign-in", async () => {
  const env = { GF_AUTH_PROXY_ENABLED: "true", GF_AUTH_PROXY_WHITELIST: "10.0.0.1" };
  await withRole({ env }, async (role) => {
    const headers = { "x-webauth-user": "admin" };
    expect((await role.call("GET", "/api/user", undefined, { user: "", headers })).status).toBe(401);
    expect((await recordsOf(role, "action=sign-in-failed")).length).toBe(1);
  });
});

test("a save of a dashboard has its versions and the names of the changed parts; provisioned ones have their own actor", async () => {
  const files = {
    "provisioning/dashboards/a.yaml":
      "apiVersion: 1\nproviders: [{name: p, folder: Files, options: {path: FOLDER/d}}]\n",
    "d/one.json": '{"uid": "one", "title": "One"}',
  };
  await withRole({ files }, async (role) => {
    const { call } = role;
    const dashboard = { uid: "two", title: "Two", panels: [{ title: "A" }], time: { from: "now-1h" } };
    await call("POST", "/api/dashboards/db", { dashboard });
    await call("POST", "/api/dashboards/db", { dashboard: { ...dashboard, panels: [], tags: ["t"] }, overwrite: true });
    await call("DELETE", "/api/dashboards/uid/two");
    await call("PATCH", "/api/dashboards/uid/two/trash", {});
    await call("DELETE", "/api/dashboards/uid/two");
    await call("DELETE", "/api/dashboards/uid/two/trash");
    expect((await shortOf(role)).slice(1)).toEqual([
      "provisioning created folder Files",
      "provisioning created dashboard One",
      "admin created dashboard Two",
      "admin changed dashboard Two",
      "admin deleted dashboard Two",
      "admin restored dashboard Two",
      "admin deleted dashboard Two",
      "admin deleted deleted-dashboard",
    ]);
    const [changed] = await recordsOf(role, "kind=dashboard&action=changed");
    expect(changed).toMatchObject({
      before: { version: 1, tags: [] },
      after: { version: 2, tags: ["t"] },
      paths: ["panels", "tags"],
    });
  });
});

test("the log is for server admins only, and can be exported and switched off", async () => {
  await withRole({}, async ({ call }) => {
    await call("POST", "/api/admin/users", { login: "ada", password: "adasecret", role: "Admin" });
    for (const path of ["/api/narthex/audit", "/api/narthex/audit/export"]) {
      expect((await call("GET", path, undefined, { user: "" })).status).toBe(401);
      expect((await call("GET", path, undefined, { user: "ada:adasecret" })).status).toBe(403);
    }
    const exported = await call("GET", "/api/narthex/audit/export?kind=user");
    expect([
      exported.status,
      exported.headers.get("content-type"),
      exported.headers.get("content-disposition"),
    ]).toEqual([200, "application/x-ndjson; charset=utf-8", 'attachment; filename="audit.jsonl"']);
    expect(
      exported.text
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line).name),
    ).toEqual(["ada", "admin"]);
    expect((await call("GET", "/api/narthex/audit?from=never")).status).toBe(400);
  });
  await withRole({ env: { GF_AUDIT_ENABLED: "false" } }, async ({ call, folder }) => {
    await call("POST", "/api/folders", { title: "F" });
    expect((await call("GET", "/api/narthex/audit")).status).toBe(404);
    expect(tablesOf(join(folder, "data", "narthex.db"))).not.toContain("audit");
  });
});

const CANARY = "c4n4ry";

test("no secret of a user, token, source, snapshot or dashboard is in the log, its export or its file", async () => {
  await withRole({ env: { GF_AUDIT_FILE: "audit.jsonl" } }, async (role) => {
    const { call, folder } = role;
    const text = (name: string): string => `${CANARY}-${name}`;
    await call("POST", "/api/admin/users", { login: "eva", password: text("password") });
    await call("PUT", "/api/admin/users/2/password", { password: text("next") });
    const { json: account } = await call("POST", "/api/serviceaccounts", { name: "robot", role: "Viewer" });
    const { json: token } = await call("POST", `/api/serviceaccounts/${account.id}/tokens`, { name: "t" });
    const source = {
      name: "S",
      type: "prometheus",
      url: `http://example.org/${text("path")}?k=${text("query")}`,
      access: "proxy",
      jsonData: { httpHeaderName1: text("header") },
      secureJsonData: { basicAuthPassword: text("secure"), httpHeaderValue1: text("value") },
    };
    const { json: added } = await call("POST", "/api/datasources", source);
    await call("PUT", `/api/datasources/uid/${added.datasource.uid}`, {
      ...source,
      secureJsonData: { basicAuthPassword: text("b") },
    });
    const panels = [{ title: text("panel"), [CANARY]: 1 }];
    await call("POST", "/api/dashboards/db", { dashboard: { uid: "d", title: "D", panels, [CANARY]: 1 } });
    await call("POST", "/api/dashboards/db", {
      dashboard: { uid: "d", title: "D", panels: [], [CANARY]: 2 },
      overwrite: true,
    });
    await call("POST", "/api/library-elements", { name: "L", kind: 1, model: { x: text("model") } });
    const snapshot = {
      key: text("snapshot-key"),
      deleteKey: text("delete-key"),
      name: "N",
      dashboard: { a: text("body") },
    };
    await call("POST", "/api/snapshots", snapshot);
    await call("GET", `/api/snapshots-delete/${snapshot.deleteKey}`, undefined, { user: "" });
    const { headers } = await call("POST", "/login", { user: "eva", password: text("next") }, { user: "" });
    await call("POST", "/login", { user: text("next"), password: "" }, { user: "" });
    await call("DELETE", `/api/snapshots/${text("refused")}`, undefined, { user: "eva:" + text("next") });
    const exported = (await call("GET", "/api/narthex/audit/export")).text;
    const readFile = (): string => readFileSync(join(folder, "audit.jsonl"), "utf8");
    // The audit file is written after the store, so the test waits until the file has all lines.
    const lineCount = (text: string): number => text.trim().split("\n").length;
    await vi.waitFor(() => expect(lineCount(readFile())).toBe(lineCount(exported)), { timeout: 60_000 });
    const file = readFile();
    expect(exported.trim().split("\n").length).toBeGreaterThan(14);
    expect(file.trim().split("\n").toSorted()).toEqual(exported.trim().split("\n").toSorted());
    for (const secret of [CANARY, token.key, cookieOf(headers).split("=")[1]!]) {
      expect(exported).not.toContain(secret);
      expect(file).not.toContain(secret);
    }
    const kinds = new Set(
      exported
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line).kind),
    );
    for (const kind of ["user", "token", "data-source", "dashboard", "library-panel", "snapshot", "session", "route"])
      expect(kinds).toContain(kind);
  });
});

/** Returns the names of the collections in the database file of a running server. */
function tablesOf(path: string): readonly string[] {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    const rows = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all();
    return rows.map(({ name }) => String(name));
  } finally {
    database.close();
  }
}

test("each collection of the state has a line in the table of audited collections", async () => {
  await withRole({}, async ({ folder }) => {
    const tables = tablesOf(join(folder, "data", "narthex.db"));
    expect(tables.length).toBeGreaterThan(15);
    expect(tables.filter((table) => !Object.hasOwn(AUDITED, table))).toEqual([]);
  });
});
