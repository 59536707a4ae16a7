import { MantineProvider } from "@mantine/core";
import { contrastRatio, type Field, type FieldConfig, type Frame, parseColor, readSource } from "@narthex/dashboards";
import { act } from "react";
import type { ComponentType } from "react";
import { createRoot } from "react-dom/client";
import type { Root } from "react-dom/client";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { fieldViews } from "../../data/panel/field-views.ts";
import { plotTheme } from "../../../plot/plot-theme.ts";
import { barGauge } from "../bargauge/index.ts";
import { gauge } from "../gauge/index.ts";
import type { PanelProps } from "../../contracts/panel-kind.ts";
import { stat } from "../stat/index.ts";

let page: HTMLElement;
let root: Root;

beforeEach(() => {
  vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);
  page = document.body.appendChild(document.createElement("div"));
  root = createRoot(page);
});
afterEach(async () => {
  await act(async () => root.unmount());
  page.remove();
  vi.unstubAllGlobals();
});

const thresholds = {
  mode: "absolute",
  steps: [
    { value: -Infinity, color: "green" },
    { value: 80, color: "red" },
  ],
} as const;
const percent: FieldConfig = { unit: "percent", min: 0, max: 100, thresholds, color: { mode: "thresholds" } };

const series = (name: string, values: readonly number[], config: FieldConfig = {}): Frame => {
  const fields: Field[] = [
    { name: "Time", type: "time", values: Float64Array.from(values, (_, at) => at * 60_000), config: {} },
    { name, type: "number", values: Float64Array.from(values), config: { ...percent, ...config } },
  ];
  return { length: values.length, fields };
};

async function draw(
  Panel: ComponentType<PanelProps>,
  options: unknown,
  frames: readonly Frame[],
  { scheme, height }: { scheme: "light" | "dark"; height: number } = { scheme: "dark", height: 200 },
): Promise<void> {
  const { dashboard } = readSource({ panels: [{ id: 1, type: "x", title: "CPU", options: {} }] });
  const panel = { ...dashboard.panels[0]!, options: options as Record<string, unknown> };
  const context = {
    theme: plotTheme(scheme),
    zone: "UTC",
    now: 0,
    range: { from: 0, to: 1 },
    onZoom: () => undefined,
    syncKey: undefined,
    annotations: [],
    onMarks: () => undefined,
    onAnnotate: undefined,
    isTooltipShared: false,
    fill: (text: string) => text,
    ...fieldViews(frames, { scheme, zone: "UTC", now: 0, lookup: () => undefined }),
  };
  await act(async () =>
    root.render(
      <MantineProvider>
        <Panel panel={panel} frames={frames} width={400} height={height} context={context} />
      </MantineProvider>,
    ),
  );
}

const texts = (): string[] => [...page.querySelectorAll("li")].map(({ textContent }) => textContent);
const all = (selector: string): Element[] => [...page.querySelectorAll(selector)];
const two = [series("a", [1, 20]), series("b", [100, 90])];

test("a stat shows names if it has several values, and draws sparkline and change", async () => {
  await draw(stat.Panel, { showPercentChange: true }, [series("a", [10, 20])]);
  expect(texts()).toEqual(["20%↑ 100%"]);
  expect(all("[data-testid=sparkline]").length).toBe(1);
  await draw(stat.Panel, { graphMode: "none" }, two);
  expect(texts()).toEqual(["a20%", "b90%"]);
  expect(all("[data-testid=sparkline]")).toEqual([]);
  await draw(stat.Panel, { textMode: "name" }, two);
  expect(texts()).toEqual(["a", "b"]);
  await draw(stat.Panel, { textMode: "none" }, two);
  expect(texts()).toEqual(["", ""]);
});

test.each(["light", "dark"] as const)("the unit of a value is legible at any size, %s", async (scheme) => {
  const surface = parseColor(plotTheme(scheme).surface)!;
  for (const { Panel } of [stat, gauge, barGauge])
    for (let height = 30; height <= 200; height += 3) {
      await draw(Panel, { graphMode: "none" }, [series("a", [31.3])], { scheme, height });
      for (const unit of page.querySelectorAll<HTMLElement>("span > span[style='font-size: 0.7em;']")) {
        const { color, fontSize } = unit.parentElement!.style;
        if (color === "") continue;
        const least = Number.parseFloat(fontSize) * 0.7 >= 24 ? 3 : 4.5;
        expect(contrastRatio(parseColor(color)!, surface), `${fontSize} of ${height}`).toBeGreaterThanOrEqual(least);
      }
    }
});

test("a gauge contains its value and range as text, and its bar has the length of the value's share", async () => {
  await draw(gauge.Panel, {}, [series("a", [1, 25])]);
  const [meter] = all("[role=meter]");
  expect(meter!.getAttribute("aria-valuetext")).toBe("25%");
  expect([meter!.getAttribute("aria-valuemin"), meter!.getAttribute("aria-valuemax")]).toEqual(["0", "100"]);
  expect(all("[data-testid=gauge-bar]")[0]!.getAttribute("data-share")).toBe("0.25");
  await draw(gauge.Panel, { showThresholdLabels: true }, [series("a", [1, 25])]);
  expect(all("text").map(({ textContent }) => textContent)).toEqual(["0%", "80%", "100%"]);
});

test("a bar gauge draws bars or cells, and values as the options say", async () => {
  await draw(barGauge.Panel, { displayMode: "basic" }, two);
  expect(all("[data-testid=bar]").map((bar) => bar.getAttribute("data-share"))).toEqual(["0.2", "0.9"]);
  await draw(barGauge.Panel, { displayMode: "lcd", valueMode: "hidden" }, two);
  expect(texts()).toEqual(["a", "b"]);
  const lit = all("li").map((item) => item.querySelectorAll("[data-lit=true]").length);
  expect(lit[0]!).toBeLessThan(lit[1]!);
  await draw(barGauge.Panel, { legend: { showLegend: true } }, two);
  expect(all("[aria-label=Legend] button").map(({ textContent }) => textContent)).toEqual(["a", "b"]);
});

test("a value with one link is a link, and a value with several links is a button that opens a menu", async () => {
  const link = (title: string) => ({ title, url: `/d/${title}`, targetBlank: true, oneClick: false });
  await draw(stat.Panel, {}, [series("a", [1, 2], { links: [link("x")] })]);
  expect(all("li a")[0]!.getAttribute("href")).toBe("/d/x");
  expect(all("li a")[0]!.getAttribute("rel")).toContain("noopener");
  await draw(gauge.Panel, {}, [series("a", [1, 2], { links: [link("x"), link("y")] })]);
  expect(all("li button").map((button) => button.getAttribute("aria-label"))).toEqual(["Links of a"]);
});

test("panels without values show a message, and options of any type cause no error", async () => {
  for (const { Panel } of [stat, gauge, barGauge]) {
    await draw(Panel, {}, []);
    expect(page.textContent).toContain("No data");
    const bad = { reduceOptions: 3, orientation: [], textMode: {}, text: "x", legend: null, segmentCount: "many" };
    await draw(Panel, { ...bad, barWidthFactor: -1e9, minVizWidth: {}, effects: [], displayMode: 1 }, two);
    expect(texts().length).toBe(2);
  }
});
