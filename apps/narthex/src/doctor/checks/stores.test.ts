import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { temporaryFolder } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { type FakePage, fakeContext, fakeNetwork, roleNamed } from "../testing/fake-context.ts";
import { stores } from "./stores.ts";

const folder = temporaryFolder();

const run = (config: string, pages: Readonly<Record<string, FakePage>> = {}) =>
  stores.run(
    fakeContext({
      network: fakeNetwork(pages),
      roles: [roleNamed("server", { prometheus: { file: "/p.yml", features: [] } })],
      files: { "/p.yml": config },
    }),
  );

const WRITE = "http://s:1/api/v1/write";

test.each([
  [{ [WRITE]: { status: 405 } }, "ok", "answers"],
  [{ [WRITE]: { status: 401 } }, "error", "refuses the credentials"],
  [{ [WRITE]: { status: 404 } }, "warning", "404"],
  [{ [WRITE]: { status: 502 } }, "warning", "502"],
  [{}, "error", "connection refused"],
])("stores: remote storage with pages %j is %s", async (pages, level, what) => {
  for (const key of ["remote_write", "remote_read"]) {
    const findings = await run(`${key}: [{url: '${WRITE}'}]`, pages);
    expect(findings).toMatchObject([{ level, what: expect.stringContaining(`${key} ${WRITE}`) }]);
    expect(findings[0]!.what).toContain(what);
    expect(findings[0]!.hint === "").toBe(level === "ok");
  }
});

test("stores: secrets of a URL are not shown", async () => {
  const findings = await run("remote_write: [{url: 'http://me:s3cret@s:1/w?token=s3cret'}]");
  expect(findings).toMatchObject([{ level: "error", what: expect.stringContaining("remote_write http://s:1/w ") }]);
  expect(JSON.stringify(findings)).not.toContain("s3cret");
});

test("stores: an answer that refuses a request without a cloud's signature shows that the service is reachable", async () => {
  const config = `remote_write: [{url: '${WRITE}', sigv4: {region: r, access_key: a, secret_key: b}}]`;
  expect(await run(config, { [WRITE]: { status: 403 } })).toMatchObject([{ level: "ok" }]);
});

const QUERY = "http://v:2/api/v1/query?query=1";

test.each([
  [{ [QUERY]: { body: "{}" } }, "ok"],
  [{ [QUERY]: { status: 401 } }, "error"],
  [{}, "error"],
])("stores: a long-term store with pages %j is %s", async (pages, level) => {
  expect(await run("long_term_store: {kind: prometheus, url: 'http://v:2'}", pages)).toMatchObject([{ level }]);
});

const database = (store: { readonly url: string; readonly urlFile: string }) =>
  stores.run(fakeContext({ roles: [roleNamed("alertmanager", { store })] }));

test("stores: an error about an unusable database does not show the password", async () => {
  const findings = await database({ url: "postgres://me:s3cret@127.0.0.1:1/d?sslmode=disable", urlFile: "" });
  expect(findings).toMatchObject([{ level: "error", hint: expect.stringContaining("--store.url") }]);
  expect(JSON.stringify(findings)).not.toContain("s3cret");
  expect(await database({ url: "", urlFile: join(folder, "none") })).toMatchObject([
    { level: "error", what: expect.stringContaining("--store.url-file") },
  ]);
  expect(await database({ url: "", urlFile: "" })).toEqual([]);
});

async function sourceAt(type: string, handle: RequestListener, isThere = true) {
  const server = createServer(handle);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const provisioning = mkdtempSync(join(folder, "p-"));
  mkdirSync(join(provisioning, "datasources"));
  const text = `apiVersion: 1\ndatasources: [{name: S, type: ${type}, url: '\${SOURCE_URL}'}]\n`;
  writeFileSync(join(provisioning, "datasources/a.yaml"), text);
  const role = roleNamed("dashboards", { provisioning, env: { SOURCE_URL: `http://127.0.0.1:${port}` } });
  const network = fakeNetwork({}, isThere ? [`127.0.0.1:${port}`] : []);
  const findings = await stores.run(fakeContext({ network, roles: [role] }));
  await new Promise((resolve) => server.close(resolve).closeAllConnections());
  return findings;
}

const sends =
  (status: number, body: unknown): RequestListener =>
  (_, response) =>
    void response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));

const RESULT = { status: "success", data: { resultType: "scalar", result: [1, "2"] } };

test.each([
  ["prometheus", sends(200, RESULT), true, "ok", "answers"],
  ["prometheus", sends(401, {}), true, "error", "Authentication to data source failed"],
  ["prometheus", sends(200, RESULT), false, "error", "connection refused"],
  ["narthex-pushgateway", sends(404, {}), true, "ok", "the connection to"],
])("stores: a data source of type %s", async (type, handle, isThere, level, what) =>
  expect(await sourceAt(type, handle, isThere)).toMatchObject([{ level, what: expect.stringContaining(what) }]),
);

test("stores: a mistake in a provisioning file is reported with its place", async () => {
  mkdirSync(join(folder, "bad/datasources"), { recursive: true });
  writeFileSync(join(folder, "bad/datasources/a.yaml"), "apiVersion: 1\ndatasources: [{type: prometheus}]\n");
  const role = roleNamed("dashboards", { provisioning: join(folder, "bad") });
  expect(await stores.run(fakeContext({ roles: [role] }))).toMatchObject([
    { level: "error", what: expect.stringContaining("a.yaml:2") },
  ]);
});

test("stores: a configuration that cannot be read is an error", async () => {
  const roles = [roleNamed("server", { prometheus: { file: "/p.yml", features: [] } })];
  expect(await stores.run(fakeContext({ roles, files: { "/p.yml": "nothing: 1" } }))).toMatchObject([
    { level: "error", what: "not checked: /p.yml cannot be read" },
  ]);
});

test("stores: findings that exist before the check times out are reported", async () => {
  const early: string[] = [];
  const context = fakeContext({
    roles: [roleNamed("server", { prometheus: { file: "/p.yml", features: [] } })],
    files: { "/p.yml": `remote_write: [{url: '${WRITE}'}]` },
  });
  const findings = await stores.run(context, ({ what }) => early.push(what));
  expect(early.toSorted()).toEqual(findings.map(({ what }) => what).toSorted());
  expect(early).toHaveLength(1);
});
