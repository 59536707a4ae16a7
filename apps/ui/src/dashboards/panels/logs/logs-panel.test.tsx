import type { Field, Frame } from "@narthex/dashboards";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { DrawnPage } from "../../../testing/drawn-page.tsx";
import { hostedPanel } from "../../testing/hosted-panel.tsx";
import { type DedupStrategy, dedupLines } from "./dedup-lines.ts";
import { logs } from "./index.ts";
import { dividedLabels, logLines } from "./log-lines.ts";
import { levelOf } from "./log-level.ts";
import { LogsPanel } from "./LogsPanel.tsx";

let page: DrawnPage;
beforeEach(() => {
  page = new DrawnPage();
});
afterEach(() => page.close());

/** Draws the panel with frames. */
const drawn = (frames: readonly Frame[], options: object = {}, host = {}) =>
  page.draw(hostedPanel({ ...logs, Panel: (props) => <LogsPanel {...props} frames={frames} /> }, options, host));

const lines = (order: "Ascending" | "Descending", frames: readonly Frame[], isJsonPretty = false) =>
  logLines(frames, { order, isJsonPretty });

const frame = (labels: readonly object[], texts: readonly string[]): Frame => ({
  length: texts.length,
  fields: [
    { name: "time", type: "time", values: Float64Array.from(texts, (_, at) => at * 1000), config: {} },
    { name: "labels", type: "json", values: labels, config: {} },
    { name: "level", type: "string", values: texts.map(() => "info"), config: {} },
    { name: "Line", type: "string", values: texts, config: {} },
  ],
});

test("lines are sorted by time and show their details", () => {
  const all = [
    frame(
      [
        { job: "a", pod: "1" },
        { job: "a", pod: "2" },
      ],
      ["one", "two"],
    ),
  ];
  expect(lines("Descending", all).map(({ text }) => text)).toEqual(["two", "one"]);
  const ascending = lines("Ascending", all);
  expect(ascending.map(({ text, time }) => [time, text])).toEqual([
    [0, "one"],
    [1000, "two"],
  ]);
  expect(ascending[0]!.details.map(({ name, value }) => [name, value])).toEqual([["level", "info"]]);
  const { common, uniqueOf } = dividedLabels(ascending);
  expect(common).toBe('{job="a"}');
  expect(ascending.map(uniqueOf)).toEqual(['{pod="1"}', '{pod="2"}']);
});

test("without a known field name the first text field is used, and a frame without texts has no lines", () => {
  const text = { name: "any", type: "string", values: ["x", null], labels: { a: "b" }, config: {} } as const;
  expect(
    lines("Ascending", [{ length: 2, fields: [text] }]).map((line) => [line.text, line.time, line.labels]),
  ).toEqual([
    ["x", null, { a: "b" }],
    ["", null, { a: "b" }],
  ]);
  expect(
    lines("Ascending", [
      { length: 1, fields: [{ name: "n", type: "number", values: Float64Array.of(1), config: {} }] },
    ]),
  ).toEqual([]);
});

test("JSON lines are formatted on several lines, others are shown unchanged", () => {
  const texts = ['{"a":[1]}', "{not json", "plain"];
  const all = [frame([{}, {}, {}], texts)];
  expect(lines("Ascending", all, true).map(({ text }) => text)).toEqual([
    '{\n  "a": [\n    1\n  ]\n}',
    "{not json",
    "plain",
  ]);
  expect(lines("Ascending", all).map(({ text }) => text)).toEqual(texts);
});

test("a line keeps its key if others are added before it, and equal lines have different keys", () => {
  const before = lines("Descending", [frame([{}, {}, {}], ["a", "b", "b"])]);
  const after = lines("Descending", [frame([{}, {}, {}, {}], ["a", "b", "b", "new"])]);
  expect(after.slice(1).map(({ key }) => key)).toEqual(before.map(({ key }) => key));
  const twice = [frame([{}], ["same"]), frame([{}], ["same"])];
  expect(new Set(lines("Ascending", twice).map(({ key }) => key)).size).toBe(2);
});

test.each([
  [{ level: "WARN" }, "error", "warning"],
  [{ detected_level: "error", level: "info" }, "", "error"],
  [{ level: "7" }, "ts=1 lvl=crit x", "critical"],
  [{}, "2026 [INFO] the error of before is gone", "info"],
  [{}, "the terror of information", "info"],
  [{}, "notable", "unknown"],
  [{}, `${"x ".repeat(300)} error`, "unknown"],
])("the level of a line with the labels %j and the text %s is %s", (labels, text, level) => {
  expect(levelOf(new Map(Object.entries(labels)), text)).toBe(level);
});

test.each<[DedupStrategy, readonly (readonly [string, number])[]]>([
  [
    "none",
    [
      ["a 1", 1],
      ["a 2", 1],
      ["b 2", 1],
      ["2026-01-01T00:00:00.1Z x", 1],
      ["2026-01-02T00:00:00.2Z x", 1],
    ],
  ],
  [
    "exact",
    [
      ["a 1", 1],
      ["a 2", 1],
      ["b 2", 1],
      ["2026-01-01T00:00:00.1Z x", 2],
    ],
  ],
  [
    "numbers",
    [
      ["a 1", 2],
      ["b 2", 1],
      ["2026-01-01T00:00:00.1Z x", 2],
    ],
  ],
  [
    "signature",
    [
      ["a 1", 3],
      ["2026-01-01T00:00:00.1Z x", 2],
    ],
  ],
])("with the strategy %s equal lines are joined to %j", (strategy, expected) => {
  const texts = ["a 1", "a 2", "b 2", "2026-01-01T00:00:00.1Z x", "2026-01-02T00:00:00.2Z x"];
  const joined = dedupLines(
    texts.map((text) => ({ text })),
    strategy,
  );
  expect(joined.map(({ text, count }) => [text, count])).toEqual(expected);
});

test("lines of the same millisecond are sorted by their nanoseconds, and internal fields are no details", () => {
  const column = (name: string, values: string[]) => ({ name, type: "string", values, config: {} }) as const;
  const nanoseconds = ["1700000000000000002", "1700000000000000001"];
  const all: Frame = {
    length: 2,
    fields: [
      { name: "Time", type: "time", values: Float64Array.of(1.7e12, 1.7e12), config: {} },
      column("Line", ["later", "earlier"]),
      column("tsNs", nanoseconds),
      { name: "labelTypes", type: "json", values: [{}, {}], config: { custom: { hidden: true } } },
      column("id", ["x", "y"]),
      column("trace", ["t", ""]),
    ],
  };
  const sorted = lines("Ascending", [all]);
  expect(sorted.map(({ text }) => text)).toEqual(["earlier", "later"]);
  expect(sorted.map(({ details }) => details.map(({ name }) => name))).toEqual([[], ["trace"]]);
});

test("an open line shows labels, fields and links, and a click on a label adds a filter", async () => {
  const links = [
    { title: "Trace", url: "https://t/${__value.raw}", targetBlank: true, oneClick: false },
    { title: "Bad", url: "javascript:alert(1)", targetBlank: true, oneClick: false },
  ];
  const given = frame([{ job: "<b>api</b>", pod: "p1" }], ["level=error failed"]);
  const types = {
    name: "labelTypes",
    type: "json",
    values: [{ job: "I", pod: "S" }],
    config: { custom: { hidden: true } },
  };
  const trace = { name: "trace", type: "string", values: ['a b"<'], config: { links } } as const;
  const added = vi.fn();
  await drawn(
    [{ ...given, fields: [...given.fields.filter(({ name }) => name !== "level"), types as Field, trace] }],
    {},
    {
      filterOf: () => added,
    },
  );
  const [row] = page.all('[role="listitem"]');
  expect(row?.dataset["level"]).toBe("error");
  expect(page.all("summary")[0]?.textContent).toBe("error: level=error failed");
  page.all("summary")[0]!.click();
  await page.until(() => expect(page.all("dt").map(({ textContent }) => textContent)).toEqual(["job", "pod", "trace"]));
  expect(page.all("dd")[0]!.textContent).toBe("<b>api</b>");
  expect(page.all("dd a").map((link) => [link.textContent, link.getAttribute("href")])).toEqual([
    ["Trace", "https://t/a%20b%22%3C"],
  ]);
  // Structured metadata has no filter button, because it is not a label of the log stream.
  expect(page.all("dd button")).toHaveLength(1);
  page.all("dd button")[0]!.click();
  expect(added).toHaveBeenCalledExactlyOnceWith("job", "<b>api</b>");
  expect(page.all("button").at(-1)?.textContent).toContain("Copy line");
});

test("a closed line shows its first three links at its end, and an open line shows all in its details", async () => {
  const links = ["one", "two", "three", "four"].map((title) => ({
    title,
    url: `https://${title}`,
    targetBlank: false,
    oneClick: false,
  }));
  const lined = frame([{ job: "a" }, { job: "b" }], ["with a trace", "without"]);
  const trace = { name: "trace", type: "string", values: ["t1", ""], config: { links } } as const;
  await drawn([{ ...lined, fields: [...lined.fields, trace] }]);
  const titles = () => page.all("[role=listitem] a").map(({ textContent }) => textContent);
  expect(titles()).toEqual(["one", "two", "three"]);
  await page.click(page.all("summary")[1]!);
  expect(titles()).toEqual(["one", "two", "three", "four"]);
});

test("without details or ad hoc filters a line has no buttons", async () => {
  const given = frame([{ job: "api" }], ["one"]);
  await drawn([given], { enableLogDetails: false });
  expect(page.all("summary")).toEqual([]);
  await drawn([given]);
  page.all("summary")[0]!.click();
  await page.until(() => expect(page.all("dt")).not.toEqual([]));
  expect(page.all("dd button")).toEqual([]);
});

test("a list of 5000 lines with a line of a megabyte renders only its visible part", async () => {
  const texts = Array.from({ length: 5000 }, (_, i) => (i === 4999 ? "x".repeat(1_000_000) : `line ${i}`));
  await drawn(
    [
      frame(
        texts.map(() => ({})),
        texts,
      ),
    ],
    { showTime: true },
  );
  await page.until(() => expect(page.all('[role="list"]')).toHaveLength(1));
  const rows = page.all('[role="listitem"]');
  expect(rows.length).toBeLessThan(200);
  for (const row of rows) {
    expect(row.getAttribute("aria-setsize")).toBe("5000");
    expect(row.textContent.length).toBeLessThan(6000);
  }
});
