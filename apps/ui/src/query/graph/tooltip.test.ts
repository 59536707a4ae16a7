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
} as unknown as uPlot & { cursor: { left: number; top: number; idx: number | null } };

const plugin = (): uPlot.Plugin =>
  tooltipPlugin({
    data: {
      times: [0, 60_000],
      lines: [{ labels: { __name__: "up", job: "node" }, values: [1, 2], color: 0 }],
    } as unknown as Parameters<typeof tooltipPlugin>[0]["data"],
    zone: "UTC",
    colorOf: () => "red",
  });

const call = (hook: unknown, ...args: readonly unknown[]): void =>
  (hook as (...all: readonly unknown[]) => void)(...args);

test("a pointer move moves the tooltip without reading the layout, and does not write equal values again", () => {
  const { hooks } = plugin();
  call(hooks.init, plot);
  call(hooks.setSeries, plot, 1);
  const box = document.body.querySelector<HTMLElement>('[role="tooltip"]')!;
  expect(box.textContent).toBe("1970-01-01 00:01:00 UTCup2jobnode");
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
