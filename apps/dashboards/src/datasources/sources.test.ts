import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { SecretBox } from "../secrets/secret-box.ts";
import { withRole } from "../testing/running-role.ts";

const draft = { uid: "a", name: "A", type: "prometheus", url: "http://127.0.0.1:9", access: "proxy" };

test("a source is added, shown without its secrets, changed and deleted", async () => {
  await withRole({}, async ({ call, folder }) => {
    const added = await call("POST", "/api/datasources", { ...draft, secureJsonData: { basicAuthPassword: "hush" } });
    expect(added.json).toMatchObject({ id: 1, name: "A", message: "Datasource added" });
    expect(added.json.datasource.secureJsonFields).toEqual({ basicAuthPassword: true });
    expect(added.text).not.toContain("hush");
    const [listed] = (await call("GET", "/api/datasources")).json;
    expect(listed).toMatchObject({ uid: "a", typeName: "Prometheus", readOnly: false });
    expect(listed.secureJsonFields).toBeUndefined();
    for (const path of ["uid/a", "name/A", "1"])
      expect((await call("GET", `/api/datasources/${path}`)).json.uid).toBe("a");
    expect((await call("GET", "/api/datasources/id/A")).json).toEqual({ id: 1 });
    const clash = await call("POST", "/api/datasources", { ...draft, uid: "b" });
    expect([clash.status, clash.json.message]).toEqual([409, "data source with the same name already exists"]);
    const updated = await call("PUT", "/api/datasources/uid/a", { ...draft, url: `${draft.url}/below`, version: 1 });
    expect(updated.json.datasource).toMatchObject({ version: 2, secureJsonFields: { basicAuthPassword: true } });
    expect((await call("PUT", "/api/datasources/uid/a", { ...draft, version: 1 })).status).toBe(409);
    const cleared = await call("PUT", "/api/datasources/uid/a", {
      ...draft,
      secureJsonData: { basicAuthPassword: "" },
    });
    expect(cleared.json.datasource.secureJsonFields).toEqual({});
    expect((await call("DELETE", "/api/datasources/uid/a")).json).toEqual({ id: 1, message: "Data source deleted" });
    const gone = await call("GET", "/api/datasources/uid/a");
    expect([gone.status, gone.json]).toEqual([404, { message: "Data source not found" }]);
    expect(readFileSync(join(folder, "data/narthex.db-wal")).includes("hush")).toBe(false);
    expect(statSync(join(folder, "data/secret.key")).mode & 0o777).toBe(0o600);
  });
});

test("only one source at a time is the default", async () => {
  await withRole({}, async ({ call }) => {
    await call("POST", "/api/datasources", { ...draft, isDefault: true });
    await call("POST", "/api/datasources", { ...draft, uid: "b", name: "B", isDefault: true });
    const list = (await call("GET", "/api/datasources")).json as { uid: string; isDefault: boolean }[];
    expect(list.map(({ uid, isDefault }) => [uid, isDefault])).toEqual([
      ["a", false],
      ["b", true],
    ]);
    const { json } = await call("GET", "/api/frontend/settings");
    expect([json.defaultDatasource, Object.keys(json.datasources)]).toEqual(["B", ["A", "B"]]);
  });
});

test("secrets are not kept when the URL changes to another server", async () => {
  await withRole({}, async ({ call }) => {
    const secureJsonData = { basicAuthPassword: "hush", httpHeaderValue1: "key" };
    await call("POST", "/api/datasources", { ...draft, url: "http://a:9090", secureJsonData });
    const put = async (url: string, secrets = {}) => {
      const { status, json } = await call("PUT", "/api/datasources/uid/a", { ...draft, url, secureJsonData: secrets });
      return [status, json.datasource?.secureJsonFields ?? json.message];
    };
    for (const url of ["http://b:9090", "https://a:9090", "http://a:9091", "http://a", "a:9090", ""])
      expect(await put(url, { httpHeaderValue1: "key" })).toEqual([
        400,
        expect.stringContaining("give basicAuthPassword in secureJsonData again"),
      ]);
    expect((await call("GET", "/api/datasources/uid/a")).json).toMatchObject({ url: "http://a:9090", version: 1 });
    const both = { basicAuthPassword: true, httpHeaderValue1: true };
    expect(await put("http://a:9090/prometheus")).toEqual([200, both]);
    expect(await put("http://b", { basicAuthPassword: "", httpHeaderValue1: "other" })).toEqual([
      200,
      { httpHeaderValue1: true },
    ]);
    expect((await put("http://u:p@b"))[1]).toContain("not into the URL");
  });
});

test("a password is not kept when the user name changes, and other secrets are", async () => {
  await withRole({}, async ({ call }) => {
    const users = { user: "ada", basicAuthUser: "ada", jsonData: { username: "ada" } };
    const secureJsonData = { password: "hush", basicAuthPassword: "hush", httpHeaderValue1: "key" };
    await call("POST", "/api/datasources", { ...draft, ...users, secureJsonData });
    const put = async (more: object, secrets = {}) => {
      const change = { ...draft, ...users, ...more, secureJsonData: secrets };
      const { status, json } = await call("PUT", "/api/datasources/uid/a", change);
      return [status, json.datasource?.secureJsonFields ?? json.message];
    };
    for (const more of [{ user: "bob" }, { jsonData: { username: "bob" } }])
      expect(await put(more)).toEqual([400, expect.stringContaining("give password in secureJsonData again")]);
    expect(await put({ basicAuthUser: "bob" })).toEqual([400, expect.stringContaining("give basicAuthPassword")]);
    const all = { password: true, basicAuthPassword: true, httpHeaderValue1: true };
    expect(await put({ name: "Renamed" })).toEqual([200, all]);
    expect(await put({ user: "bob" }, { password: "new" })).toEqual([200, all]);
    const none = { basicAuthPassword: true, httpHeaderValue1: true };
    expect(await put({ user: "eve" }, { password: "" })).toEqual([200, none]);
  });
});

test("secrets are not kept when a setting in jsonData leads to another server", async () => {
  await withRole({}, async ({ call }) => {
    const jsonData = { host: "a", port: 8123, allowedHosts: ["http://a"] };
    await call("POST", "/api/datasources", { ...draft, url: "", jsonData, secureJsonData: { password: "hush" } });
    const put = async (more: object) =>
      (await call("PUT", "/api/datasources/uid/a", { ...draft, url: "", jsonData: { ...jsonData, ...more } })).status;
    for (const more of [{ host: "b" }, { server: "b" }, { port: 1 }, { secure: true }, { allowedHosts: ["http://b"] }])
      expect(await put(more)).toBe(400);
    expect(await put({ defaultDatabase: "web" })).toBe(200);
  });
});

test("if two users save the same version, the second is refused", async () => {
  await withRole({}, async ({ call }) => {
    await call("POST", "/api/datasources", draft);
    const saves = await Promise.all(
      [1, 2, 3].map((n) => call("PUT", "/api/datasources/uid/a", { ...draft, name: `N${n}`, version: 1 })),
    );
    expect(saves.map(({ status }) => status).toSorted()).toEqual([200, 409, 409]);
  });
});

test("hosts that are not in the list, and link-local addresses, are never queried", async () => {
  await withRole({ env: { GF_SECURITY_DATA_SOURCE_PROXY_WHITELIST: "prom:9090 127.0.0.1:9" } }, async ({ call }) => {
    for (const [uid, url] of [
      ["a", "http://127.0.0.1:10"],
      ["b", "http://127.0.0.1:9"],
    ])
      // prettier-ignore
      await call("POST", "/api/datasources", { ...draft, uid, name: uid, url });
    const asked = async (uid: string) => {
      const queries = [{ refId: "A", datasource: { uid }, expr: "up" }];
      const answer = await call("POST", "/api/ds/query", { from: "now-1h", to: "now", queries });
      return answer.json.results.A.error as string;
    };
    expect(await asked("a")).toBe("Data proxy hostname and IP are not included in whitelist");
    expect(await asked("b")).toBe("the data source cannot be reached: connect: connection refused");
    expect((await call("GET", "/api/datasources/proxy/uid/a/api/v1/labels")).status).toBe(403);
  });
  await withRole({}, async ({ call }) => {
    await call("POST", "/api/datasources", { ...draft, url: "http://169.254.169.254" });
    const proxied = await call("GET", "/api/datasources/proxy/uid/a/latest/meta-data");
    expect([proxied.status, proxied.json.message]).toEqual([403, expect.stringContaining("addresses of the link")]);
    expect((await call("GET", "/api/datasources/uid/a/health")).json.message).toContain("addresses of the link");
  });
});

test("a failed query of an unavailable source does not affect other queries, and an unknown source is reported as not found", async () => {
  await withRole({}, async ({ call }) => {
    await call("POST", "/api/datasources", draft);
    await call("POST", "/api/datasources", { ...draft, uid: "b", name: "B", type: "nonsense" });
    const query = (uid: string, refId: string) => ({ refId, datasource: { uid }, expr: "up", range: true });
    const asked = (queries: unknown[], more = {}) =>
      call("POST", "/api/ds/query", { from: "now-1h", to: "now", queries, ...more });
    const answer = await asked([query("a", "A"), query("b", "B")]);
    expect(answer.status).toBe(400);
    expect(answer.json.results.A.error).toMatch(/refused/);
    expect(answer.json.results.B.error).toContain('is of type "nonsense", which is not supported');
    expect((await asked([query("none", "A")])).status).toBe(404);
    expect((await asked([])).json).toEqual({ message: "no queries found" });
    expect((await asked([query("a", "A")], { from: "tomorrow" })).status).toBe(400);
    const health = await call("GET", "/api/datasources/uid/a/health");
    expect([health.status, health.json.status]).toEqual([400, "ERROR"]);
  });
});

test("a secret can be decrypted only with its key and for the source that it belongs to", () => {
  const [one, other] = [new SecretBox(Buffer.alloc(32, 1)), new SecretBox(Buffer.alloc(32, 2))];
  fc.assert(
    fc.property(fc.string(), fc.string({ minLength: 1 }), (secret, owner) => {
      const sealed = one.seal(secret, owner);
      expect(one.open(sealed, owner)).toBe(secret);
      expect(one.open(sealed, `${owner}x`)).toBeUndefined();
      expect(other.open(sealed, owner)).toBeUndefined();
      expect(one.open(sealed.slice(4), owner)).toBeUndefined();
    }),
  );
});

test("kinds of data sources are in the list of plugins, and sources and folders can be requested by id", async () => {
  await withRole({}, async ({ call }) => {
    const plugins = (await call("GET", "/api/plugins?type=datasource")).json as { id: string }[];
    expect(plugins.map(({ id }) => id)).toEqual(expect.arrayContaining(["prometheus", "alertmanager"]));
    expect((await call("GET", "/api/plugins/prometheus/settings")).json).toMatchObject({
      name: "Prometheus",
      enabled: true,
    });
    expect((await call("GET", "/api/plugins/nonsense/settings")).status).toBe(404);
    const { id } = (await call("POST", "/api/datasources", draft)).json;
    expect((await call("GET", `/api/datasources/${id}/health`)).json.status).toBe("ERROR");
    const folder = (await call("POST", "/api/folders", { title: "F" })).json;
    expect((await call("GET", `/api/folders/id/${folder.id}`)).json.uid).toBe(folder.uid);
    expect((await call("GET", "/api/folders/id/77")).status).toBe(404);
  });
});
