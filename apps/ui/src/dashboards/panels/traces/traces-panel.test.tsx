import type { Field, Frame } from "@narthex/dashboards";
import { afterEach, beforeEach, expect, test } from "vitest";
import { DrawnPage } from "../../../testing/drawn-page.tsx";
import { hostedPanel } from "../../testing/hosted-panel.tsx";
import { traces } from "./index.ts";
import { spanBarText } from "./span-bar-text.ts";
import { TracesPanel } from "./TracesPanel.tsx";

let page: DrawnPage;
beforeEach(() => {
  page = new DrawnPage();
});
afterEach(() => page.close());

const drawn = (frames: readonly Frame[], options: object = {}) =>
  page.draw(hostedPanel({ ...traces, Panel: (props) => <TracesPanel {...props} frames={frames} /> }, options));

const text = (name: string, values: readonly string[], config = {}): Field => ({
  name,
  type: "string",
  values,
  config,
});

function shop(count = 4): Frame {
  const rows = Array.from({ length: count }, (_, at) => at);
  const links = [{ title: "Logs", url: "/explore?span=${__value.raw}", targetBlank: false, oneClick: false }];
  return {
    length: count,
    fields: [
      text(
        "traceID",
        rows.map(() => "abc"),
      ),
      text(
        "spanID",
        rows.map((at) => `s${at}`),
        { links },
      ),
      text(
        "parentSpanID",
        rows.map((at) => (at === 0 ? "" : at === 2 ? "s1" : "s0")),
      ),
      text(
        "operationName",
        rows.map((at) => `op ${at}`),
      ),
      text(
        "serviceName",
        rows.map((at) => (at % 2 === 0 ? "web" : "db")),
      ),
      { name: "startTime", type: "number", values: Float64Array.from(rows, (at) => 1000 + at), config: {} },
      { name: "duration", type: "number", values: Float64Array.from(rows, (at) => 100 - at), config: {} },
      {
        name: "tags",
        type: "json",
        values: rows.map((at) => [{ key: "sql", value: `<b>select ${at}</b>` }]),
        config: {},
      },
      { name: "stackTraces", type: "json", values: rows.map(() => ["at main()"]), config: {} },
    ],
  };
}

const rows = () => page.all('[role="treeitem"]');
const labels = () => rows().map((row) => row.getAttribute("aria-label"));

test("without a trace the panel says which fields are missing", async () => {
  await drawn([{ length: 0, fields: [] }]);
  expect(page.all("p")[0]!.textContent).toContain("spanID");
});

test("a trace is a tree that the arrow keys collapse and expand, and Enter opens the details", async () => {
  await drawn([shop()]);
  expect(labels()).toEqual(["web op 0, 100 ms", "db op 1, 99 ms", "web op 2, 98 ms", "db op 3, 97 ms"]);
  expect(rows().map((row) => row.getAttribute("aria-level"))).toEqual(["1", "2", "3", "2"]);
  const [tree] = page.all('[role="tree"]');
  await page.press("ArrowDown", tree);
  await page.press("ArrowLeft", tree);
  expect(labels()).toHaveLength(3);
  expect(rows()[1]!.getAttribute("aria-expanded")).toBe("false");
  await page.press("ArrowRight", tree);
  expect(labels()).toHaveLength(4);
  expect(tree!.getAttribute("aria-activedescendant")).toBe(rows()[1]!.id);
  await page.press("Enter", tree);
  const pane = page.find('[role="region"]', "Details of op 1");
  expect(pane.textContent).toContain("<b>select 1</b>");
  expect(pane.querySelector("b")).toBeNull();
  expect(pane.querySelector("pre")?.textContent).toBe("at main()");
  expect(Array.from(pane.querySelectorAll("a"), (link) => link.getAttribute("href"))).toEqual(["/explore?span=s1"]);
  await page.click(page.find("button", "Close details"));
  expect(page.all('[role="region"]')).toHaveLength(1);
});

test("a search counts the matches, dims the other spans and moves to the next match", async () => {
  await drawn([shop()]);
  await page.type(page.field("Text in spans"), "select 2");
  expect(page.find("output", /.*/).textContent).toBe("1 of 4 spans");
  expect(rows().map((row) => row.dataset["dimmed"])).toEqual(["true", "true", "false", "true"]);
  await page.click(page.find("button", "Next match"));
  expect(rows()[2]!.dataset["active"]).toBe("true");
  await page.click(page.field("Matches only"));
  expect(labels()).toEqual(["web op 2, 98 ms"]);
  await page.click(page.find("button", "Clear"));
  expect(labels()).toHaveLength(4);
});

test("the keys of the minimap narrow the range, and a button shows the whole trace again", async () => {
  await drawn([shop()]);
  const start = page.find('[role="slider"]', "Start of the range");
  await page.press("PageUp", start);
  expect(Number(page.find('[role="slider"]', "Start of the range").getAttribute("aria-valuenow"))).toBeGreaterThan(5);
  await page.click(page.find("button", "Show the whole trace"));
  expect(page.find('[role="slider"]', "Start of the range").getAttribute("aria-valuenow")).toBe("0");
});

test("a trace of 10,000 spans renders only the visible rows, and a focused span is open", async () => {
  await drawn([shop(10_000)], { focusedSpanId: "s3", showCriticalPath: true });
  expect(rows().length).toBeLessThan(60);
  expect(page.all('[role="region"]').map((region) => region.getAttribute("aria-label"))).toContain("Details of op 3");
});

test.each([
  [undefined, ["1 s", "1 s"]],
  [{ type: "None", tag: "" }, ["", ""]],
  [{ type: "Tag", tag: "code" }, ["200", ""]],
  [{ type: "Tag", tag: "pod" }, ["p", "p"]],
  [{ type: "Tag", tag: "constructor" }, ["", ""]],
])("next to the bars is what the settings of the source name: %j", (bar, texts) => {
  const given: Frame = {
    length: 2,
    fields: [
      { name: "tags", type: "json", values: [[{ key: "code", value: 200 }], null], config: {} },
      {
        name: "serviceTags",
        type: "json",
        values: [[{ key: "pod", value: "p" }], [{ key: "pod", value: "p" }]],
        config: {},
      },
    ],
    ...(bar && { meta: { custom: { narthexSpanBar: bar } } }),
  };
  const textOf = spanBarText(given);
  expect([0, 1].map((row) => textOf({ row, duration: 1000 }))).toEqual(texts);
});
