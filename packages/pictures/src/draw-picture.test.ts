import { lineColor, plotTheme } from "@narthex/dashboards";
import { SimulatedClock } from "@narthex/runtime";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { picturePng, pictureSvg } from "./draw-picture.ts";
import type { Picture, TimeSeriesPicture } from "./panels/picture.ts";
import { readPng, type ReadPicture } from "./testing/read-png.ts";

const clock = new SimulatedClock(0);
const look = { width: 400, height: 240, scheme: "light" } as const;
const [from, to] = [Date.UTC(2026, 0, 1, 12), Date.UTC(2026, 0, 1, 13)];
const MINUTE = 60_000;

const plot = (changes: Partial<TimeSeriesPicture> = {}): TimeSeriesPicture => ({
  kind: "timeseries",
  title: "",
  series: [],
  from,
  to,
  zone: "UTC",
  hasLegend: false,
  ...changes,
});

const times = Array.from({ length: 61 }, (_, i) => from + i * MINUTE);
/** A colour that differs from those of texts and axes. */
const color = "#ff00ff";
const line = (value: (i: number) => number, name = "a") => ({
  name,
  color,
  times,
  values: times.map((_, i) => value(i)),
});

const drawn = async (picture: Picture): Promise<ReadPicture> => readPng(await picturePng(picture, look, clock, 1));

/** Largest difference of a channel at the edge of a line: at least three quarters of one of its pixels are covered. */
const EDGE = 66;

function isNear(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one.slice(1), "hex"), Buffer.from(other.slice(1), "hex")];
  return a.every((channel, i) => Math.abs(channel - b[i]!) <= EDGE);
}

/** Returns the rows of a column that have a colour, or almost this colour. */
const rowsOf = (picture: ReadPicture, x: number, color: string): number[] =>
  Array.from({ length: picture.height }, (_, y) => y).filter((y) => isNear(picture.colorAt(x, y), color));

const columnsOf = (picture: ReadPicture, color: string): number[] =>
  Array.from({ length: picture.width }, (_, x) => x).filter((x) => rowsOf(picture, x, color).length > 0);

const texts = (svg: string): string[] => [...svg.matchAll(/<text[^>]*>([^<]*)</g)].map((match) => match[1]!);

const wide = { min: 0, max: 100 };

test("a line is where its values are: high at the left, low at the right", async () => {
  const picture = await drawn(plot({ ...wide, series: [line((i) => (i < 30 ? 90 : 10))] }));
  const [left, right] = [rowsOf(picture, 120, color), rowsOf(picture, 320, color)];
  for (const rows of [left, right]) expect([1, 2]).toContain(rows.length);
  // The axis has 100 units, and takes almost the whole height.
  expect(right[0]! - left[0]!).toBeGreaterThan(0.6 * look.height);
});

test("a picture has twice as many pixels at scale 2, and the requested size in SVG", async () => {
  const png = readPng(await picturePng(plot(), look, clock));
  expect([png.width, png.height, png.colorAt(0, 0)]).toEqual([800, 480, plotTheme("light").surface]);
  expect(await pictureSvg(plot(), look, clock)).toContain('width="400" height="240"');
  const dark = readPng(await picturePng(plot(), { ...look, scheme: "dark" }, clock, 1));
  expect(dark.colorAt(0, 0)).toBe(plotTheme("dark").surface);
});

test("grid lines are at the labels of the axes, and labels are in the time zone", async () => {
  const zoned = plot({ ...wide, unit: "percent", zone: "Asia/Kolkata", series: [line(() => 50)] });
  expect(texts(await pictureSvg(zoned, look, clock))).toEqual(
    expect.arrayContaining(["0%", "20%", "100%", "17:30", "18:00", "18:30"]),
  );
  const picture = await drawn(zoned);
  const grid = plotTheme("light").grid;
  const lines = Array.from({ length: look.height }, (_, y) => y).filter((y) => picture.colorAt(200, y) === grid);
  expect(lines.length).toBeGreaterThanOrEqual(3);
});

test("NaN, an infinity and a long distance interrupt a line; a single point is a dot", async () => {
  const gaps = [line((i) => (i > 20 && i < 40 ? [NaN, Infinity, -Infinity][i % 3]! : 50))];
  const columns = columnsOf(await drawn(plot({ ...wide, series: gaps })), color);
  const middle = columns.filter((x) => x > 180 && x < 250);
  expect([columns.length > 150, middle]).toEqual([true, []]);
  const far = [{ name: "a", color, times: [from, from + MINUTE, to - MINUTE, to], values: [50, 50, 50, 50] }];
  expect(columnsOf(await drawn(plot({ ...wide, stepMs: MINUTE, series: far })), color).length).toBeLessThan(30);
  const dot = [{ name: "a", color, times: [from + 30 * MINUTE], values: [50] }];
  expect(columnsOf(await drawn(plot({ ...wide, series: dot })), color).length).toBeGreaterThan(0);
});

test("a peak of one point among 100,000 stays visible", async () => {
  const count = 100_000;
  const many = {
    name: "a",
    color,
    times: Array.from({ length: count }, (_, i) => from + (i * 3_600_000) / count),
    values: Array.from({ length: count }, (_, i) => (i === 50_000 ? 95 : 5)),
  };
  const picture = await drawn(plot({ ...wide, series: [many] }));
  const high = columnsOf(picture, color).filter((x) => rowsOf(picture, x, color).some((y) => y < 60));
  expect(high.length).toBeGreaterThanOrEqual(1);
  expect(high.length).toBeLessThan(5);
  expect((await pictureSvg(plot({ series: [many] }), look, clock)).length).toBeLessThan(40_000);
});

test("series without a colour have the colours of the palette", async () => {
  const series = [0, 1].map((value) => ({ ...line(() => value), color: undefined }));
  const svg = await pictureSvg(plot({ series }), look, clock);
  expect(svg.match(/stroke="#[^"]*"/g)).toEqual([0, 1].map((i) => `stroke="${lineColor(i, "light")}"`));
});

test("thresholds are horizontal lines, marks are vertical lines with their texts", async () => {
  const marks = [{ time: from + 30 * MINUTE, text: "deploy <v2>", color: "#123456" }];
  const picture = plot({ ...wide, marks, thresholds: [{ value: 80, color: "#ff0000" }], series: [line(() => 10)] });
  const pixels = await drawn(picture);
  expect(columnsOf(pixels, "#123456").length).toBeGreaterThanOrEqual(1);
  const rows = new Set(columnsOf(pixels, "#ff0000").flatMap((x) => rowsOf(pixels, x, "#ff0000")));
  expect(rows.size).toBe(1);
  expect(texts(await pictureSvg(picture, look, clock))).toContain("deploy &lt;v2&gt;");
});

test("an axis contains its thresholds", async () => {
  const svg = await pictureSvg(plot({ series: [line(() => 1)], thresholds: [{ value: 1000 }] }), look, clock);
  expect(texts(svg)).toContain("1 K");
});

test.each<[string, Picture]>([
  ["no series", plot()],
  ["a series of NaN", plot({ series: [line(() => NaN)] })],
  ["no number", { kind: "stat", title: "", values: [] }],
  ["no bar", { kind: "bars", title: "", values: [] }],
  ["no row", { kind: "table", title: "", columns: [{ name: "a" }], rows: [] }],
])("a picture of %s says so", async (_, picture) => {
  expect(texts(await pictureSvg(picture, look, clock))).toContain("No data");
});

test("of 10,000 series, 100 are drawn and the legend counts the rest", async () => {
  const series = Array.from({ length: 10_000 }, (_, i) => line(() => i, `s${i}`));
  const svg = await pictureSvg(plot({ series, hasLegend: true }), look, clock);
  const names = texts(svg).filter((text) => /^s\d+$/.test(text));
  expect(svg.match(/<path/g)).toHaveLength(100);
  expect(texts(svg)).toContain(`and ${(10_000 - names.length).toLocaleString("en-US")} more`);
});

test("the legend has the last value of each series in its unit", async () => {
  const series = [line((i) => i * 2 ** 20, "api")];
  const svg = await pictureSvg(plot({ series, hasLegend: true, unit: "bytes" }), look, clock);
  expect(texts(svg)).toEqual(expect.arrayContaining(["api", "60 MiB"]));
});

test("numbers, bars, tables and text show their values", async () => {
  const values = [
    { name: "one", value: 1500, color: "#aa0000" },
    { name: "two", value: 750, color: "#00aa00" },
  ];
  const stat = texts(await pictureSvg({ kind: "stat", title: "T", values, unit: "short" }, look, clock));
  expect(stat).toEqual(["T", "one", "1.50 K", "two", "750"]);
  const bars = await drawn({ kind: "bars", title: "", values });
  const [long, short] = [columnsOf(bars, "#aa0000").length, columnsOf(bars, "#00aa00").length];
  expect(Math.abs(long - 2 * short)).toBeLessThanOrEqual(2);
  const columns = [{ name: "name" }, { name: "value", isNumber: true }];
  const rows = Array.from({ length: 100 }, (_, i) => [`row ${i}`, `${i}`]);
  const table = texts(await pictureSvg({ kind: "table", title: "", columns, rows }, look, clock));
  expect(table.slice(0, 4)).toEqual(["name", "value", "row 0", "0"]);
  expect(table.at(-1)).toMatch(/^and \d+ more$/);
  const text = texts(await pictureSvg({ kind: "text", title: "", text: "word ".repeat(5000) }, look, clock));
  expect(text.length).toBeLessThan(20);
  expect(text[0]).toMatch(/^word( word){5,}$/);
});

describe("hostile input", () => {
  const number = fc.oneof(
    fc.double(),
    fc.constantFrom(NaN, Infinity, -Infinity, 0, -0, Number.MAX_VALUE, -Number.MAX_VALUE, Number.MIN_VALUE),
  );
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.constantFrom("</text><script>", "\"&'", "\u0000\u001b", "\ud800", "x".repeat(100_000), "\u202eabc", "漢字"),
  );
  const some = fc.array(fc.record({ name: text, value: number, color: fc.option(text, { nil: undefined }) }), {
    maxLength: 5,
  });
  const picture = fc.oneof(
    fc.record({
      kind: fc.constant("timeseries" as const),
      title: text,
      series: fc.array(fc.record({ name: text, times: fc.array(number), values: fc.array(number) }), { maxLength: 4 }),
      from: number,
      to: number,
      zone: fc.oneof(text, fc.constant("Europe/Berlin")),
      unit: fc.oneof(text, fc.constantFrom("bytes", "s", "percentunit")),
      min: fc.option(number, { nil: undefined }),
      max: fc.option(number, { nil: undefined }),
      stepMs: fc.option(number, { nil: undefined }),
      fill: number,
      thresholds: some,
      marks: fc.array(fc.record({ time: number, end: fc.option(number, { nil: undefined }), text })),
    }),
    fc.record({ kind: fc.constantFrom("stat" as const, "bars" as const), title: text, values: some, unit: text }),
    fc.record({
      kind: fc.constant("table" as const),
      title: text,
      columns: fc.array(fc.record({ name: text }), { maxLength: 30 }),
      rows: fc.array(fc.array(text), { maxLength: 4 }),
    }),
    fc.record({ kind: fc.constant("text" as const), title: text, text }),
  );
  const size = fc.record({ width: number, height: number, scheme: fc.constantFrom("light" as const, "dark" as const) });

  test("any picture becomes well-formed SVG without foreign elements", () =>
    fc.assert(
      fc.asyncProperty(picture, size, async (any, { scheme }) => {
        const svg = await pictureSvg(any, { ...look, scheme }, clock);
        const outside = svg.replaceAll(
          /<(\/?)(svg|defs|clipPath|rect|path|text)( [a-z-A-Z:]+="[^"<&]*(&#39;[^"<&]*)*")*\/?>/g,
          "",
        );
        expect(outside.includes("<")).toBe(false);
        expect(svg.isWellFormed()).toBe(true);
        expect(/[\u0000-\u0008\u000b-\u001f\ufffe\uffff]/.test(svg)).toBe(false);
        expect(/NaN|Infinity/.test(svg.replaceAll(/<text[^>]*>[^<]*/g, ""))).toBe(false);
      }),
      { numRuns: 300 },
    ));

  test("any picture of any size becomes a bounded PNG file", () =>
    fc.assert(
      fc.asyncProperty(picture, size, async (any, { width, height, scheme }) => {
        const bounded = (side: number): number => (Math.abs(side) > 500 ? side % 500 : side);
        const png = readPng(
          await picturePng(any, { width: bounded(width), height: bounded(height), scheme }, clock, 1),
        );
        expect(png.width).toBeLessThanOrEqual(2400);
      }),
      { numRuns: 100 },
    ));

  test("a huge picture at a huge scale has a limited number of pixels", async () => {
    const stat: Picture = { kind: "stat", title: "", values: [] };
    const png = readPng(await picturePng(stat, { width: 1e9, height: 1500, scheme: "light" }, clock, 1e9));
    expect(png.width * png.height).toBeLessThanOrEqual(16_000_000);
  });
});
