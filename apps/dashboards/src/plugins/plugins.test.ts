import { createHash } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { type RunningRole, withRole, writeBelow } from "../testing/running-role.ts";

const manifest = (more: object): string =>
  JSON.stringify({ contract: 1, name: "Sample", version: "1.0.0", entry: "m.js", ...more });

const panel = {
  "plugins/days/plugin.json": manifest({
    id: "days",
    kind: "panel",
    options: [{ key: "a", label: "A", type: "text" }],
  }),
  "plugins/days/m.js": "export function render() { /* </script> */ }",
};
const source = {
  "plugins/shop/plugin.json": manifest({ id: "shop", kind: "source", hosts: ["url of the source"] }),
  "plugins/shop/m.js": `export const health = () => ({ status: "OK", message: "open" });
    export async function query({ inputs }, { request }) {
      const { json } = await request({ path: "/orders" });
      return [{ fields: [{ name: inputs.text, type: "number", values: json.orders }] }];
    }`,
};
const inFolder = (files: Readonly<Record<string, string>>, more: Readonly<Record<string, string>> = {}) => ({
  files,
  env: { GF_PATHS_PLUGINS: "plugins", ...more },
});

/** Starts a server with two orders, and adds a data source of the plugin for it. */
async function addShop({ call }: RunningRole): Promise<void> {
  const server = createServer((_, response) => response.end('{"orders":[3,4]}'));
  onTestFinished(() => void server.close());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const added = await call("POST", "/api/datasources", { name: "Shop", uid: "s", type: "shop", access: "proxy", url });
  expect(added.status).toBe(200);
}

const query = {
  from: "0",
  to: "1000",
  queries: [{ refId: "A", datasource: { type: "shop", uid: "s" }, text: "orders" }],
};

test("a source of a plugin is offered, tested and queried like the others", async () => {
  await withRole(inFolder(source), async (role) => {
    const { call } = role;
    await addShop(role);
    const { kinds } = (await call("GET", "/api/narthex/source-kinds")).json;
    expect(kinds.find(({ types }: { types: string[] }) => types[0] === "shop")).toMatchObject({
      name: "Sample",
      blankQuery: { text: "" },
      queryInputs: [],
    });
    expect((await call("GET", "/api/plugins/shop/settings")).json).toMatchObject({ id: "shop", type: "datasource" });
    expect((await call("GET", "/api/datasources/uid/s/health")).json).toMatchObject({ status: "OK", message: "open" });
    const { results } = (await call("POST", "/api/ds/query", query)).json;
    expect(results.A.frames[0]).toMatchObject({ schema: { fields: [{ name: "orders" }] }, data: { values: [[3, 4]] } });
  });
});

test("the page of a panel's plugin has no origin, and may load and request nothing", async () => {
  await withRole(inFolder(panel), async ({ call }) => {
    const { plugins, reloads } = (await call("GET", "/api/narthex/panel-plugins")).json;
    expect([plugins, reloads]).toEqual([
      [expect.objectContaining({ id: "days", revision: expect.any(String) })],
      false,
    ]);
    const { headers, text } = await call("GET", "/api/narthex/panel-plugins/days/frame");
    const policy = headers.get("content-security-policy")!.split("; ");
    const program = text.slice(text.lastIndexOf('<script type="module">') + 22, text.lastIndexOf("</script>"));
    const hash = createHash("sha256").update(program).digest("base64");
    expect(policy).toEqual([
      "sandbox allow-scripts",
      "default-src 'none'",
      `script-src 'sha256-${hash}' blob:`,
      "style-src 'unsafe-inline'",
      "img-src data: blob:",
      "font-src data:",
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'self'",
    ]);
    expect(headers.get("x-frame-options")).toBe("sameorigin");
    expect(headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(text).toContain(String.raw`/* \u003c/script> */`);
    expect(text.split("<script")).toHaveLength(3);
  });
});

test("only the modules of panels are served, and only to people with a role", async () => {
  await withRole(inFolder({ ...panel, ...source }), async ({ call }) => {
    for (const id of ["shop", "none", "..%2Fdays", "days%2Fplugin.json"])
      expect((await call("GET", `/api/narthex/panel-plugins/${id}/frame`)).status).toBe(404);
    for (const path of ["", "/days/frame"])
      expect((await call("GET", `/api/narthex/panel-plugins${path}`, undefined, { user: "" })).status).toBe(401);
  });
});

test("a folder without a usable plugin is named in the log, and the role starts", async () => {
  const files = {
    "plugins/table/plugin.json": manifest({ id: "table", kind: "panel" }),
    "plugins/table/m.js": "",
    "plugins/foreign/plugin.json": '{"type":"panel","id":"vendor-panel"}',
    "plugins/next/plugin.json": manifest({ id: "next", kind: "panel", contract: 2 }),
  };
  await withRole(inFolder(files), async ({ call, host }) => {
    expect((await call("GET", "/api/narthex/panel-plugins")).json.plugins).toEqual([]);
    for (const part of ["belongs to a kind that is built in", "a plugin for Grafana", "written for contract 2"])
      expect(host.output.stderr).toContain(part);
  });
});

test("without a folder of plugins there are none", async () => {
  await withRole({ env: { GF_PATHS_PLUGINS: "absent" } }, async ({ call, host }) => {
    expect((await call("GET", "/api/narthex/panel-plugins")).json).toEqual({ plugins: [], reloads: false });
    expect(host.output.stderr).not.toContain("plugin");
  });
});

test("the plugin of plugins.development is loaded from a folder of any name, in TypeScript too, and again after a change", async () => {
  const typed = (value: number): string =>
    `export const render = (element: HTMLElement): void => { element.id = "${value}" }`;
  const written = {
    "work/in progress/plugin.json": manifest({ id: "days", kind: "panel", entry: "m.ts", version: "2.0.0" }),
    "work/in progress/m.ts": typed(1),
  };
  const options = inFolder({ ...panel, ...written }, { GF_PLUGINS_DEVELOPMENT: "work/in progress" });
  await withRole(options, async ({ call, folder }) => {
    const { plugins, reloads } = (await call("GET", "/api/narthex/panel-plugins")).json;
    expect([plugins.length, reloads]).toEqual([1, true]);
    const page = async (): Promise<string> => (await call("GET", "/api/narthex/panel-plugins/days/frame")).text;
    expect(await page()).toMatch(/render = \(element +\) +=> \{ element\.id = .{1,2}1/);
    writeBelow(folder, "work/in progress/m.ts", typed(2));
    await expect.poll(page).toMatch(/element\.id = .{1,2}2/);
  });
});

test("with plugins.reload, a changed module answers the next query", async () => {
  await withRole(inFolder({ ...panel, ...source }, { GF_PLUGINS_RELOAD: "true" }), async (role) => {
    const { call, folder } = role;
    await addShop(role);
    const name = async (): Promise<unknown> =>
      (await call("POST", "/api/ds/query", query)).json.results.A.frames[0]?.schema.fields[0].name;
    const listed = async () => (await call("GET", "/api/narthex/panel-plugins")).json;
    const { plugins, reloads } = await listed();
    expect(reloads).toBe(true);
    expect(await name()).toBe("orders");
    writeBelow(folder, "plugins/shop/m.js", source["plugins/shop/m.js"].replace("inputs.text", '"changed"'));
    await expect.poll(name).toBe("changed");
    writeBelow(folder, "plugins/days/m.js", "export function render() { return 1 }");
    await expect.poll(async () => (await listed()).plugins[0].revision).not.toBe(plugins[0].revision);
  });
});
