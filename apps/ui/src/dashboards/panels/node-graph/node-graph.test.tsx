import type { Field, Frame } from "@narthex/dashboards";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readOptions } from "../../contracts/option-table.ts";
import type { FieldView } from "../../contracts/field-view.ts";
import { DrawnPage } from "../../../testing/drawn-page.tsx";
import { hostedPanel } from "../../testing/hosted-panel.tsx";
import { edgePath } from "./edge-path.ts";
import { gridLayout, layeredLayout, runInSlices } from "./graph-layout.ts";
import { nodeGraph } from "./index.ts";
import { NodeGraphPanel } from "./NodeGraphPanel.tsx";
import { nodeGraphOptions } from "./options.ts";
import { MAX_EDGES, MAX_NODES, readGraph } from "./read-graph.ts";

const text = (name: string, values: readonly (string | null)[], config = {}): Field => ({
  name,
  type: "string",
  values,
  config,
});
const number = (name: string, values: readonly number[], config = {}): Field => ({
  name,
  type: "number",
  values: Float64Array.from(values),
  config,
});
const frame = (...fields: readonly Field[]): Frame => ({ length: fields[0]!.values.length, fields });

const context = {
  cssColor: (color: string) => `css ${color}`,
  viewOf: (field: Field): FieldView => ({
    name: field.name,
    color: "auto",
    range: { min: 0, max: 1 },
    display: () => ({ text: "", numeric: 0, color: "auto", prefix: "", suffix: "" }),
    text: (value) => `${value} ${field.config.unit}`,
    colorOf: () => "own",
  }),
};
const graphOf = (frames: readonly Frame[], options: object = {}) =>
  readGraph(frames, readOptions(nodeGraphOptions, options as Record<string, unknown>), context);

const nodes = frame(
  text("id", ["a", "b", "a"]),
  text("title", ["Web", null, "again"]),
  text("subTitle", ["http", "db", ""]),
  number("mainStat", [1.5, 2, 0], { unit: "ms" }),
  text("secondaryStat", ["ok", "bad", ""]),
  number("arc__ok", [0.75, 1, 0], { color: { mode: "fixed", fixedColor: "green" } }),
  number("arc__failed", [0.5, 0, 0], { displayName: "Failed" }),
  text("detail__zone", ["eu", "us", ""], { displayName: "Zone" }),
  text("color", ["", "red", ""]),
);
const edges = frame(
  text("id", ["e1", "e2"]),
  text("source", ["a", "b"]),
  text("target", ["b", "c"]),
  number("mainstat", [7, 8], { unit: "req" }),
  number("thickness", [3, Number.NaN]),
  text("strokeDasharray", ["4 2", "url(#x)"]),
);

test("nodes and edges are read with their numbers, colours and details, and edges add missing nodes", () => {
  const graph = graphOf([edges, nodes]);
  expect(graph.nodes.map(({ id, title, mainStat }) => [id, title, mainStat])).toEqual([
    ["a", "Web", "1.5 ms"],
    ["b", "b", "2 ms"],
    ["c", "c", ""],
  ]);
  expect(graph.nodes[0]).toMatchObject({
    arcs: [
      { name: "ok", from: 0, share: 0.75, color: "css green" },
      { name: "Failed", from: 0.75, share: 0.25, color: "auto" },
    ],
    details: [{ name: "Zone", text: "eu" }],
    color: undefined,
  });
  expect(graph.nodes[1]!.color).toBe("css red");
  expect(graph.edges).toMatchObject([
    { source: 0, target: 1, mainStat: "7 req", thickness: 3, dashes: "4 2" },
    { source: 1, target: 2, thickness: 1, dashes: "" },
  ]);
  expect(graph.arcs.map(({ name }) => name)).toEqual(["ok", "Failed"]);
});

test("options replace the units and the sections of the circles", () => {
  const graph = graphOf([nodes, edges], {
    nodes: { mainStatUnit: "s", arcs: [{ field: "arc__failed", color: "blue" }, { field: 3 }, { field: "gone" }] },
    edges: { mainStatUnit: "reqps" },
  });
  expect(graph.nodes[0]!.mainStat).toBe("1.50 s");
  expect(graph.nodes[0]!.arcs).toEqual([{ name: "Failed", from: 0, share: 0.5, color: "css blue" }]);
  expect(graph.edges[0]!.mainStat).toBe("7 req/s");
});

test("a circle has at most 20 sections", () => {
  const sections = Array.from({ length: 30 }, (_, at) => number(`arc__s${at}`, [0.01]));
  const graph = graphOf([frame(text("id", ["a"]), ...sections)]);
  expect(graph.nodes[0]!.arcs.map(({ name }) => name)).toEqual(Array.from({ length: 20 }, (_, at) => `s${at}`));
});

test("a graph has at most MAX_NODES nodes and MAX_EDGES edges, and counts the others", () => {
  const ids = Array.from({ length: MAX_NODES + 10 }, (_, at) => `n${at}`);
  const pairs = Array.from({ length: MAX_EDGES + 5 }, (_, at) => at);
  const graph = graphOf([
    frame(text("id", ids)),
    frame(
      text(
        "id",
        pairs.map((at) => `${at}`),
      ),
      text(
        "source",
        pairs.map(() => "n0"),
      ),
      text(
        "target",
        pairs.map((at) => (at === 0 ? "n1005" : "n1")),
      ),
    ),
  ]);
  expect([graph.nodes.length, graph.hiddenNodes, graph.edges.length, graph.hiddenEdges]).toEqual([1000, 10, 5000, 5]);
});

const finished = <T,>(work: Generator<void, T>): T => {
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
  }
};

test("a node is to the right of the nodes that lead to it, and a circle ends", () => {
  const { x } = finished(
    layeredLayout(4, [
      { source: 0, target: 1 },
      { source: 1, target: 2 },
      { source: 2, target: 0 },
      { source: 0, target: 2 },
      { source: 3, target: 3 },
    ]),
  );
  expect(x[1]).toBeGreaterThan(x[0]!);
  expect(x[2]).toBeGreaterThan(x[1]!);
  expect(x[3]).toBe(x[0]);
});

test("no two nodes have the same place, in layers and in a grid", () => {
  const links = Array.from({ length: 1500 }, (_, at) => ({ source: (at * 7) % 300, target: (at * 13 + 1) % 300 }));
  for (const { x, y } of [finished(layeredLayout(300, links)), gridLayout(300, 1.5)])
    expect(new Set(Array.from(x, (left, at) => `${left} ${y[at]}`)).size).toBe(300);
});

test("a layout pauses after its share of time, and stops if it is cancelled", async () => {
  let [time, pauses] = [0, 0];
  const now = (): number => time++;
  const pause = async (): Promise<void> => void pauses++;
  const chain = Array.from({ length: 49 }, (_, at) => ({ source: at, target: at + 1 }));
  const work = () => layeredLayout(50, chain);
  expect(await runInSlices(work(), pause, () => false, now)).toMatchObject({ width: expect.any(Number) as number });
  expect(pauses).toBeGreaterThan(10);
  expect(await runInSlices(work(), pause, () => true, now)).toBeUndefined();
});

test("an edge ends at the borders of its nodes, and a loop has a path", () => {
  const end = (x: number) => ({ x, y: 0, radius: 10 });
  expect(edgePath(end(0), end(100), 0)).toMatchObject({ line: "M14.0 0.0Q50.0 0.0 76.0 0.0", label: [47.5, 0] });
  expect(edgePath(end(0), end(0), 0).line).toContain("C");
});

let page: DrawnPage;
beforeEach(() => {
  page = new DrawnPage();
});
afterEach(() => page.close());

const drawn = (frames: readonly Frame[], options: object = {}) =>
  page.draw(hostedPanel({ ...nodeGraph, Panel: (props) => <NodeGraphPanel {...props} frames={frames} /> }, options));

test("a selected node shows its details, its edges and its links", async () => {
  const links = [{ title: "Traces", url: "/explore?q=${__value.raw}", targetBlank: false, oneClick: false }];
  const linked = { ...nodes, fields: [text("id", ["a", "b", "a"], { links }), ...nodes.fields.slice(1)] };
  await drawn([linked, edges]);
  await page.until(() => expect(page.all("[data-node]")).toHaveLength(3));
  expect(page.all("[data-edge]")).toHaveLength(2);
  const [first] = page.all("[data-node]");
  expect(first!.getAttribute("aria-label")).toBe("Web, http, 1.50 ms, ok");
  await page.press("Enter", first);
  const details = page.find('[role="region"]', "Details of Web");
  expect(details.textContent).toContain("Zone");
  expect(page.all("a").map((link) => link.getAttribute("href"))).toEqual(["/explore?q=a"]);
  await page.click(page.find("button", "Web → b"));
  expect(page.find('[role="region"]', "Details of Web → b").textContent).toContain("7 req");
});

test("a graph with more than 200 nodes is a grid, and the keyboard zooms and moves it", async () => {
  await drawn([
    frame(
      text(
        "id",
        Array.from({ length: 201 }, (_, at) => `n${at}`),
      ),
    ),
  ]);
  await page.until(() => expect(page.all("[data-node]")).toHaveLength(201));
  expect(page.find("button", "Show as graph").getAttribute("aria-pressed")).toBe("true");
  const area = page.find('[role="application"]', /201 nodes, 0 edges/);
  const transform = () => area.querySelector("g")!.getAttribute("transform");
  const before = transform();
  await page.press("+", area);
  await page.press("ArrowLeft", area);
  expect(transform()).not.toBe(before);
  await page.press("0", area);
  expect(transform()).toBe(before);
});

test("without nodes and edges the panel says which fields are missing", async () => {
  await drawn([frame(text("name", ["x"]))]);
  expect(page.all("p")[0]!.textContent).toContain("source and target");
});
