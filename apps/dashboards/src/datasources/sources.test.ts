import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
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
    const updated = await call("PUT", "/api/datasources/uid/a", { ...draft, url: "http://b", version: 1 });
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

test("one source at a time is the default", async () => {
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

test("the proxy passes requests on with the source's credentials and without the client's", async () => {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (piece: Buffer) => (body += piece.toString()));
    request.on("end", () => {
      const { authorization, cookie, "content-type": type } = request.headers;
      seen.push([request.method, request.url, authorization, cookie, type, body].join(" "));
      response.writeHead(203, { "set-cookie": "grafana_session=x", "content-type": "text/html" }).end("<script>");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/base/`;
  await withRole({}, async ({ call }) => {
    const secret = { basicAuth: true, basicAuthUser: "u", secureJsonData: { basicAuthPassword: "p" } };
    await call("POST", "/api/datasources", { ...draft, url, ...secret });
    const answer = await call("GET", "/api/datasources/proxy/uid/a/api/v1/label/a%2Fb/values?x=1&y=%20", undefined, {
      headers: { cookie: "mine=1" },
    });
    expect([answer.status, answer.text, answer.headers.getSetCookie()]).toEqual([203, "<script>", []]);
    expect(answer.headers.get("content-security-policy")).toBe("sandbox");
    const form = { headers: { "content-type": "application/x-www-form-urlencoded" } };
    await call("POST", "/api/datasources/proxy/1/api/v1/query", "query=up", form);
    await call("GET", "/api/datasources/uid/a/resources/api/v1/labels");
    expect(seen).toEqual([
      `GET /base/api/v1/label/a/b/values?x=1&y=%20 Basic ${btoa("u:p")}   `,
      `POST /base/api/v1/query Basic ${btoa("u:p")}  application/x-www-form-urlencoded query=up`,
      `GET /base/api/v1/labels Basic ${btoa("u:p")}   `,
    ]);
    expect((await call("DELETE", "/api/datasources/proxy/uid/a/api/v1/series")).status).toBe(403);
    expect((await call("GET", "/api/datasources/proxy/uid/a/..%2F..%2Fadmin")).status).toBe(400);
    expect((await call("GET", "/api/datasources/proxy/uid/none/x")).status).toBe(404);
    await call("PUT", "/api/datasources/uid/a", { ...draft, url: "http://127.0.0.1:9" });
    expect((await call("GET", "/api/datasources/proxy/uid/a/x")).status).toBe(502);
  });
  await new Promise((resolve) => server.close(resolve));
});

test("queries of a source that does not answer fail by themselves, and those of none are not found", async () => {
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

test("a secret opens for its owner under its key alone", () => {
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
