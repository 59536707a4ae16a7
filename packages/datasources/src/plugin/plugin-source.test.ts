import type { LookupFunction } from "node:net";
import { type PluginManifest, PluginThread, readManifest } from "@narthex/plugins";
import { afterEach, expect, test } from "vitest";
import type { DataSource, DataSourceSettings } from "../data-source.ts";
import type { DataSourceEnvironment } from "../environment.ts";
import { Destinations } from "../outgoing/destinations.ts";
import { openDataSource } from "../registry.ts";
import { environmentAt, type FakeAnswer, FakeServer, never, queryOf, settingsOf } from "../testing/fake-server.ts";
import { pluginKind } from "./plugin-kind.ts";

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

const manifestOf = (more: object = {}): PluginManifest =>
  readManifest(
    JSON.stringify({
      contract: 1,
      id: "sample",
      kind: "source",
      name: "Sample",
      version: "1.0.0",
      entry: "m.js",
      hosts: ["url of the source"],
      settings: [{ key: "shop", label: "Shop", type: "text", initial: "main" }],
      queryInputs: [{ key: "table", label: "Table", type: "text" }],
      ...more,
    }),
    "plugin.json",
  );

interface Given {
  readonly manifest?: object;
  readonly settings?: Partial<DataSourceSettings>;
  readonly environment?: Partial<DataSourceEnvironment>;
}

function sourceOf(code: string, url: string, { manifest, settings, environment }: Given = {}): DataSource {
  const around = environmentAt(10_000_000, environment);
  const thread = new PluginThread({ clock: around.clock, id: "sample", code });
  const kind = pluginKind(manifestOf(manifest), thread);
  const source = openDataSource(settingsOf("sample", url, settings), { ...around, addedKind: () => kind });
  opened.push(thread, source);
  return source;
}

async function serverOf(answer: () => FakeAnswer = () => [200, { rows: [1, 2] }]): Promise<FakeServer> {
  const server = await FakeServer.open(answer);
  opened.push(server);
  return server;
}

const ask = async (source: DataSource, query: Readonly<Record<string, unknown>> = { table: "orders" }) =>
  (await source.query([queryOf(query)], never())).get("A")!;

/** Module of a plugin that requests what its query names, and returns the status and text as a table. */
const ASKS = `export async function query({ inputs, range }, { request, settings }) {
  const { status, text, json } = await request(JSON.parse(inputs.table));
  return [{ fields: [
    { name: "text", type: "string", values: [text + settings.shop] },
    { name: "status", type: "number", values: [status] }] }];
}`;
const requestOf = (request: object) => ({ table: JSON.stringify(request) });

test("a plugin reads its server with the credentials of the source, which it never sees", async () => {
  const server = await serverOf(() => [200, "fine, "]);
  const source = sourceOf(
    `export const query = (query, context) => [{ fields: [{ name: "all", type: "string",
       values: [JSON.stringify([query, context, Object.getOwnPropertyNames(globalThis)])] }] }];
     export async function health({ request }) { return { status: "OK", message: (await request({ path: "/ok" })).text } }`,
    `${server.url}/base`,
    {
      settings: {
        basicAuth: true,
        basicAuthUser: "carol",
        jsonData: { httpHeaderName1: "X-Key", other: "not declared" },
        secureJsonData: { basicAuthPassword: "hunter2", httpHeaderValue1: "key-9", shop: "hidden" },
      },
    },
  );
  expect(await source.health(never())).toEqual({ status: "OK", message: "fine, " });
  expect(server.requests).toMatchObject([
    {
      path: "/base/ok",
      headers: { authorization: `Basic ${Buffer.from("carol:hunter2").toString("base64")}`, "x-key": "key-9" },
    },
  ]);
  const { frames } = await ask(source);
  const [seen] = frames[0]!.fields[0]!.values as string[];
  for (const secret of ["carol", "hunter2", "key-9", "hidden", "not declared"]) expect(seen).not.toContain(secret);
  expect(seen).toContain('"shop":"main"');
});

test("a plugin sends a path, parameters and a body, and gets status and text", async () => {
  const server = await serverOf(() => [404, "none in "]);
  const source = sourceOf(ASKS, server.url);
  const { frames } = await ask(
    source,
    requestOf({ path: "/a/b", method: "POST", query: { x: 1, y: true }, body: { z: 2 } }),
  );
  expect(frames[0]!.refId).toBe("A");
  expect(frames[0]!.fields.map(({ values }) => values[0])).toEqual(["none in main", 404]);
  expect(server.requests).toMatchObject([
    { method: "POST", path: "/a/b", parameters: { x: "1", y: "true" }, body: '{"z":2}' },
  ]);
});

test.each([
  [{ path: "http://other.example/" }, "must begin with one /"],
  [{ path: "//other.example/?a" }, "must begin with one /"],
  [{ path: "/a/../../secret" }, "segments . and .."],
  [{ path: "/a/%2e%2E/secret" }, "segments . and .."],
  [{ path: "/a\\..\\b" }, "must begin with one /"],
  [{ path: "/..%2Fsecret" }, "must begin with one /"],
  [{ path: "/..%5csecret" }, "must begin with one /"],
  [{ path: "/a#b" }, "must begin with one /"],
  [{ path: "/a", method: "DELETE" }, "must be GET or POST"],
  [{ path: "/a", headers: { Host: "other" } }, 'no property "headers"'],
  [{ path: "/a", url: "http://other.example" }, 'no property "url"'],
  [{ path: "/a", query: { x: {} } }, "must be a text, a number or a truth value"],
])("the request %j is refused and not sent", async (request, message) => {
  const server = await serverOf();
  const { error } = await ask(sourceOf(ASKS, `${server.url}/base`), requestOf(request));
  expect(error).toContain(message);
  expect(server.requests).toEqual([]);
});

const link = { path: "/latest/meta-data" };

test.each(["http://169.254.169.254", "http://[fe80::1]:80", "http://0.0.0.0"])(
  "a plugin does not reach %s, as its source's URL",
  async (url) => {
    expect((await ask(sourceOf(ASKS, url), requestOf(link))).error).toContain("addresses of the link");
  },
);

test.each(["unix:///var/run/docker.sock", "file:///etc/passwd", "postgres://127.0.0.1"])(
  "a plugin does not reach %s",
  async (url) => {
    const { error } = await ask(sourceOf(ASKS, url, { settings: { isProvisioned: true } }), requestOf(link));
    expect(error).toContain("starts with http or https");
  },
);

test("a redirect to a link-local address is not followed", async () => {
  const server = await serverOf(() => [302, "", { location: "http://169.254.169.254/latest" }]);
  const source = sourceOf(ASKS, server.url, { manifest: { hosts: ["url of the source", "*.example:*"] } });
  expect((await ask(source, requestOf({ path: "/" }))).error).toContain("addresses of the link");
});

test("a redirect is followed only to hosts that the plugin names", async () => {
  const target = await serverOf(() => [200, "moved, "]);
  const server = await serverOf(() => [307, "", { location: `${target.url}/there` }]);
  const refused = await ask(sourceOf(ASKS, server.url), requestOf({ path: "/" }));
  expect(refused.error).toContain("may reach only the host of the source's URL");
  expect(target.requests).toEqual([]);
  const manifest = { hosts: ["url of the source", `127.0.0.1:${target.port}`] };
  const { frames } = await ask(sourceOf(ASKS, server.url, { manifest }), requestOf({ path: "/" }));
  expect(frames[0]!.fields[0]!.values).toEqual(["moved, main"]);
});

test("a source whose URL the plugin does not name is refused", async () => {
  const server = await serverOf();
  const manifest = { hosts: ["api.example.org:443"] };
  expect((await ask(sourceOf(ASKS, server.url, { manifest }), requestOf({ path: "/" }))).error).toBe(
    'the plugin "sample" may reach only api.example.org:443; change the URL of the source, or "hosts" of the plugin',
  );
  expect(server.requests).toEqual([]);
});

test("a name that changes its address to a link-local one is not reached", async () => {
  const server = await serverOf();
  let lookups = 0;
  const lookup = ((_: string, __: unknown, done: Parameters<LookupFunction>[2]) => {
    lookups++;
    done(null, [{ address: "169.254.169.254", family: 4 }]);
  }) as never;
  const destinations = new Destinations({}, lookup);
  const source = sourceOf(ASKS, `http://rebinding.example:${server.port}`, { environment: { destinations } });
  expect((await ask(source, requestOf({ path: "/" }))).error).toContain("addresses of the link");
  expect(lookups).toBeGreaterThan(0);
  expect(server.requests).toEqual([]);
});

test("the allow list of the role applies to plugins", async () => {
  const server = await serverOf();
  const destinations = new Destinations({ hosts: ["allowed.example:80"] });
  const { error } = await ask(sourceOf(ASKS, server.url, { environment: { destinations } }), requestOf({ path: "/" }));
  expect(error).toContain("not included in whitelist");
});

test("an error of a plugin is the answer to its query only, and no fault of the role", async () => {
  const server = await serverOf();
  const source = sourceOf(
    `export function query({ refId }) { if (refId === "A") throw new Error("no such table"); return [] }`,
    server.url,
  );
  const answers = await source.query([queryOf({}), queryOf({}, [0, 60], "B")], never());
  expect(answers.get("A")).toEqual({ frames: [], status: 502, error: "no such table" });
  expect(answers.get("B")).toEqual({ frames: [], status: 200 });
});

test("values of variables and annotations are checked", async () => {
  const server = await serverOf();
  const code = (list: string): string =>
    `export const variableValues = (query) => ${list}; export const annotations = (query, range) => ${list};`;
  const range = { from: 0, to: 1000 };
  const good = sourceOf(code(`[{ text: query, value: "v", time: 5, tags: ["t"] }]`), server.url);
  expect(await good.variableValues!("shops", range, never())).toEqual([{ text: "shops", value: "v" }]);
  expect(await good.annotations!({ query: "q" }, range, never())).toEqual([
    { time: 5, title: "", text: "q", tags: ["t"] },
  ]);
  const bad = sourceOf(code("[{ text: 1, time: 'x' }]"), server.url);
  await expect(bad.variableValues!("", range, never())).rejects.toThrow("which are texts");
  await expect(bad.annotations!({}, range, never())).rejects.toThrow("must be a number of milliseconds");
});

test("every function of a plugin runs in a slot of the user who calls it", async () => {
  const server = await serverOf();
  const environment = environmentAt(10_000_000);
  const source = sourceOf(
    `export const variableValues = () => [{ text: "a", value: "a" }];
     export const annotations = () => [];
     export const resource = () => ({});`,
    server.url,
    { environment },
  );
  const used = (user: string): number => environment.desk.slots.accounts.get(user)?.queries ?? 0;
  const as = (user: string) => ({ user, sourceOf: () => undefined });
  await source.variableValues!("", { from: 0, to: 1 }, never(), as("ada"));
  await source.annotations!({}, { from: 0, to: 1 }, never(), as("bob"));
  await source.resource!("x", {}, never(), as("cyd"));
  expect(["ada", "bob", "cyd", "eve"].map(used)).toEqual([1, 1, 1, 0]);
});
