import type uPlot from "uplot";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { tooltipPlugin } from "./tooltip.ts";

/** Element properties that make the browser compute the layout when they are read. */
const LAYOUT = ["offsetHeight", "offsetWidth", "clientWidth", "clientHeight"] as const;

let reads: string[];
beforeEach(() => {
  reads = [];
  for (const name of LAYOUT)
    vi.spyOn(HTMLElement.prototype, name, "get").mockImplementation(() => {
      reads.push(name);
      return 0;
    });
  vi.spyOn(HTMLElement.prototype, "getBoundingClientRect").mockImplementation(() => {
    reads.push("getBoundingClientRect");
    return new DOMRect();
  });
});
afterEach(() => vi.restoreAllMocks());

const plot = {
  rect: { left: 0, top: 0 },
  cursor: { left: 100, top: 50, idx: 1 },
  posToVal: () => 2,
} as unknown as uPlot & { cursor: { left: number; top: number; idx: number | null } };

type Line = { readonly labels: Record<string, string>; readonly values: readonly (number | null)[] };

const plugin = (lines: readonly Line[]): uPlot.Plugin =>
  tooltipPlugin({
    data: {
      times: [0, 60_000],
      lines: lines.map((line, at) => ({ ...line, key: String(at), color: 0 })),
    },
    zone: "UTC",
    stacked: false,
    hidden: new Set(["9"]),
    colorOf: () => "red",
    formatValue: (value) => value.toFixed(1),
  });

const call = (hook: unknown, ...args: readonly unknown[]): void =>
  (hook as (...all: readonly unknown[]) => void)(...args);

test("a pointer move moves the tooltip without reading the layout, and does not write equal values again", () => {
  const { hooks } = plugin([{ labels: { __name__: "up", job: "node" }, values: [1, 2] }]);
  call(hooks.init, plot);
  call(hooks.setCursor, plot);
  const box = document.body.querySelector<HTMLElement>('[role="tooltip"]')!;
  expect(box.textContent).toBe("1970-01-01 00:01:00 UTCup2.0exact value2jobnode");
  expect(box.style.transform).toContain("114px");
  const [time] = box.children;
  plot.cursor.left = 900;
  call(hooks.setCursor, plot);
  expect(box.firstElementChild).toBe(time);
  expect(box.style.transform).toContain("calc(886px - 100%)");
  plot.cursor.idx = 0;
  call(hooks.setCursor, plot);
  expect(box.textContent).toContain("1970-01-01 00:00:00");
  plot.cursor.idx = null;
  call(hooks.setCursor, plot);
  expect(box.hidden).toBe(true);
  expect(reads).toEqual([]);
  call(hooks.destroy, plot);
  expect(box.isConnected).toBe(false);
});

test("the tooltip lists the nearest series, with the labels by which they differ, and the exact value of the nearest", () => {
  const line = (mode: string, value: number | null): Line => ({
    labels: { __name__: "cpu", mode },
    values: [0, value],
  });
  const values = [2.03456789, 9, null, 2.5, 1.5, 3, 3.5, 4, 5, 2.1];
  const { hooks } = plugin(values.map((value, at) => line(`m${at}`, value)));
  plot.cursor.idx = 1;
  call(hooks.init, plot);
  call(hooks.setCursor, plot);
  const box = document.body.querySelector<HTMLElement>('[role="tooltip"]')!;
  const names = [...box.children[1]!.children].map((row) => row.children[1]!.textContent);
  // The null, the hidden and the farthest lines are absent.
  expect(names).toEqual(["m7", "m6", "m5", "m3", "m0", "m4"].map((mode) => `{mode="${mode}"}`));
  expect(box.textContent).toContain("the nearest of 10 series");
  expect(box.textContent).toContain("exact value2.03456789");
  call(hooks.destroy, plot);
});
