import { readPng } from "@narthex/pictures/testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type RunningRole, withRole } from "../../testing/running-role.ts";
import { pictureDocument } from "./pdf-file.ts";

const env = { GF_RENDERING_BROWSER: "none" };
const TESTDATA =
  "apiVersion: 1\ndatasources:\n- {name: T, type: grafana-testdata-datasource, uid: t, isDefault: true}\n";
const files = { "provisioning/datasources/t.yml": TESTDATA };

const panel = (id: number, type: string, more: object = {}) => ({
  id,
  type,
  title: `The ${type}`,
  gridPos: { x: 0, y: 10 * (id - 1), w: 24, h: 10 },
  targets: [{ refId: "A", scenarioId: "csv_metric_values", stringInput: "1,20,90,30,5,40" }],
  ...more,
});

const MAGENTA = { defaults: { color: { mode: "fixed", fixedColor: "#ff00ff" } }, overrides: [] };

async function save(role: RunningRole, panels: readonly object[], more: object = {}): Promise<void> {
  const dashboard = { uid: "demo", title: "Demo", schemaVersion: 43, panels, ...more };
  expect((await role.call("POST", "/api/dashboards/db", { dashboard, overwrite: true })).status).toBe(200);
}

async function bytes(role: RunningRole, path: string): Promise<Uint8Array> {
  const response = await fetch(role.url + path, { headers: { authorization: `Basic ${btoa("admin:secret")}` } });
  if (!response.ok) throw new Error(await response.text());
  return new Uint8Array(await response.arrayBuffer());
}

/** Returns the colours in a rectangle of a picture. */
function colorsIn(file: Uint8Array, [left, top, right, bottom]: readonly [number, number, number, number]) {
  const picture = readPng(file);
  const colors = new Set<string>();
  for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) colors.add(picture.colorAt(x, y));
  return { colors, width: picture.width, height: picture.height };
}

test("a dashboard is drawn without a browser: plots, values, bars, tables, texts and rows", async () => {
  await withRole({ env, files }, async (role) => {
    const kinds = ["timeseries", "stat", "gauge", "bargauge"].map((type, i) =>
      panel(i + 1, type, { fieldConfig: MAGENTA }),
    );
    await save(role, [
      ...kinds,
      panel(5, "table"),
      panel(6, "text", { options: { mode: "markdown", content: "Hello" } }),
      panel(7, "row", { gridPos: { x: 0, y: 60, w: 24, h: 1 } }),
      panel(8, "piechart", { gridPos: { x: 0, y: 61, w: 24, h: 10 } }),
    ]);
    const picture = await bytes(role, "/render/d/demo?width=800&height=-1&theme=light");
    for (const at of [0, 1, 2, 3]) {
      const { colors } = colorsIn(picture, [20, 380 * at + 45, 780, 380 * at + 370]);
      expect([at, colors.has("#ff00ff")]).toEqual([at, true]);
    }
    for (const at of [4, 5, 6])
      expect(colorsIn(picture, [20, 380 * at + 45, 780, 380 * at + 240]).colors.size).toBeGreaterThan(5);
    expect(colorsIn(picture, [0, 0, 1, 1])).toMatchObject({ width: 800, height: 71 * 38 - 8 + 24 });
    const dark = await bytes(role, "/render/d-solo/demo/x?panelId=2&width=300&height=100&scale=2&theme=dark");
    expect(colorsIn(dark, [0, 0, 1, 1])).toMatchObject({ width: 600, height: 200 });
    expect(colorsIn(dark, [10, 10, 12, 12]).colors).toEqual(new Set(["#1b211d"]));
    await expect(bytes(role, "/render/d-solo/demo/x?panelId=99")).rejects.toThrow("the dashboard has no panel");
  });
});

test("a document without a browser has whole panels on each page, in the orientation of the paper", async () => {
  await withRole({ env, files }, async (role) => {
    await save(
      role,
      [1, 2, 3, 4, 5].map((id) => panel(id, "timeseries")),
    );
    const pages = async (orientation: string) => {
      const pdf = Buffer.from(await bytes(role, `/render/d/demo?encoding=pdf&orientation=${orientation}`)).toString(
        "latin1",
      );
      return [...pdf.matchAll(/\/MediaBox \[0 0 (\d+) (\d+)\]/g)].map(([, width, height]) => `${width}x${height}`);
    };
    expect(await pages("portrait")).toEqual(["595x842", "595x842"]);
    expect(await pages("landscape")).toEqual(["842x595", "842x595", "842x595"]);
  });
});

test("variables of the address are filled in, and a repeated panel is drawn once for each value", async () => {
  await withRole({ env, files }, async (role) => {
    const variable = { name: "job", type: "custom", query: "a,b,c", multi: true, current: { text: "a", value: "a" } };
    const repeated = panel(1, "stat", { repeat: "job", repeatDirection: "v", title: "$job" });
    await save(role, [repeated], { templating: { list: [variable] } });
    const height = async (query: string) => readPng(await bytes(role, `/render/d/demo?height=-1&${query}`)).height;
    const [one, three] = [await height(""), await height("var-job=a&var-job=b&var-job=c")];
    expect(three - one).toBe(2 * 380);
  });
});

test("a dashboard with hostile texts, queries and sources is drawn, and its errors are in the picture", async () => {
  await withRole({ env, files }, async (role) => {
    await save(role, [
      panel(1, "timeseries", { title: "\u0000<svg>&\u202e".repeat(2000), datasource: { uid: "gone" } }),
      panel(2, "stat", { targets: [{ refId: "A", scenarioId: "nonsense" }], options: { reduceOptions: 5 } }),
      panel(3, "x".repeat(5000)),
      panel(4, "text", { options: { content: 7 } }),
      panel(5, "table", { transformations: [{ id: "organize", options: null }] }),
    ]);
    expect(readPng(await bytes(role, "/render/d/demo?height=-1&width=500")).width).toBe(500);
    await expect(bytes(role, "/render/d/demo?from=never&to=now")).rejects.toThrow("the time range is invalid");
    await save(
      role,
      Array.from({ length: 101 }, (_, i) => panel(i + 1, "stat")),
    );
    await expect(bytes(role, "/render/d/demo")).rejects.toThrow("at most 100 panels are drawn; the dashboard has 101");
  });
});

test("the account's rights apply to the queries of a drawn panel", async () => {
  await withRole({ env, files }, async (role) => {
    await save(role, [panel(1, "stat", { fieldConfig: MAGENTA })]);
    await role.call("POST", "/api/admin/users", { login: "eve", email: "eve@x", password: "eves password" });
    const permissions = { permission: "" };
    await role.call("POST", "/api/access-control/datasources/t/builtInRoles/Viewer", permissions);
    const response = await role.call("GET", "/render/d-solo/demo/x?panelId=1", undefined, {
      user: "eve:eves password",
    });
    expect(response.status).toBe(200);
    const headers = { authorization: `Basic ${btoa("eve:eves password")}` };
    const file = new Uint8Array(
      await (await fetch(`${role.url}/render/d-solo/demo/x?panelId=1`, { headers })).arrayBuffer(),
    );
    expect(colorsIn(file, [20, 45, 980, 480]).colors.has("#ff00ff")).toBe(false);
    expect(
      colorsIn(await bytes(role, "/render/d-solo/demo/x?panelId=1"), [20, 45, 980, 480]).colors.has("#ff00ff"),
    ).toBe(true);
  });
});

test("the table of a PDF file has the position of each object", () => {
  const png = Buffer.alloc(60);
  png.writeUInt32BE(7, 16);
  png.writeUInt32BE(9, 20);
  fc.assert(
    fc.property(
      fc.array(fc.record({ width: fc.integer({ min: 100, max: 900 }), height: fc.integer({ min: 100, max: 900 }) }), {
        minLength: 1,
        maxLength: 5,
      }),
      (sizes) => {
        const file = Buffer.from(pictureDocument(sizes.map((size) => ({ png, ...size, margin: 10 })))).toString(
          "latin1",
        );
        const start = Number(/startxref\n(\d+)\n%%EOF\n$/.exec(file)![1]);
        const rows = [...file.slice(start).matchAll(/^(\d{10}) 00000 n $/gm)].map(([, at]) => Number(at));
        expect(rows).toHaveLength(2 + 3 * sizes.length);
        rows.forEach((at, i) => expect(file.slice(at, at + 12)).toMatch(new RegExp(`^${i + 1} 0 obj\n`)));
      },
    ),
  );
});
