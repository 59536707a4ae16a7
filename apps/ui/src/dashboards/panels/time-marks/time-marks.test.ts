import type uPlot from "uplot";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { PanelAnnotation, PanelContext, PointedMarks } from "../../contracts/panel-kind.ts";
import { plotTheme } from "../../../plot/plot-theme.ts";
import { timeMarks } from "./time-marks.ts";

let host: HTMLElement;
let annotations: readonly PanelAnnotation[];
/** Titles of the shown marks on the time axis, the newest last; null if none are shown. */
let shownTitles: (string | null)[];
let draw: () => void;
/** Names of the drawing functions that were called on the canvas. */
let strokes: string[];

const marked = (...times: readonly number[]): void => {
  annotations = times.map((time) => ({ time, title: `at ${time}`, text: "", tags: [], color: "red" }));
};

beforeEach(() => {
  host = document.body.appendChild(document.createElement("div"));
  const picture = host.appendChild(document.createElement("div"));
  shownTitles = [];
  marked();
  const onMarks = (pointed: PointedMarks | null): void =>
    void shownTitles.push(pointed === null ? null : pointed.marks.map(({ title }) => title).join());
  strokes = [];
  const brush = new Proxy({}, { get: (_, name) => () => void strokes.push(String(name)), set: () => true });
  const plot = {
    over: document.createElement("div"),
    root: picture.appendChild(document.createElement("div")),
    bbox: { left: 0, top: 0, width: 1000 * devicePixelRatio, height: 100 },
    scales: { x: { min: 0, max: 1000 } },
    ctx: brush,
  } as unknown as uPlot;
  const context = () => ({ annotations, zone: "UTC", theme: plotTheme("dark"), onMarks }) as unknown as PanelContext;
  const { hooks } = timeMarks(() => ({ context: context() }));
  (hooks.init as (plot: uPlot) => void)(plot);
  draw = () => (hooks.draw as (plot: uPlot) => void)(plot);
});
afterEach(() => host.remove());

const signs = (): readonly HTMLElement[] => [...host.querySelectorAll("button")];
const stops = (): readonly number[] => signs().map(({ tabIndex }) => tabIndex);
const key = (name: string): void =>
  void document.activeElement?.dispatchEvent(new KeyboardEvent("keydown", { key: name, bubbles: true }));

test("the Tab key still reaches a sign after the sign that it reached before was removed", () => {
  marked(100, 300, 500);
  draw();
  expect(stops()).toEqual([0, -1, -1]);
  signs()[0]!.focus();
  key("ArrowRight");
  key("ArrowRight");
  expect(stops()).toEqual([-1, -1, 0]);
  marked(100, 300);
  draw();
  expect(stops()).toEqual([-1, 0]);
  marked();
  draw();
  marked(700);
  draw();
  expect(stops()).toEqual([0]);
});

test("the card of a sign disappears with the sign, and stays if a new request returns the same mark", () => {
  marked(100, 300);
  draw();
  signs()[1]!.dispatchEvent(new PointerEvent("pointerenter"));
  expect(shownTitles).toEqual(["at 300"]);
  marked(100, 300);
  draw();
  expect(shownTitles).toEqual(["at 300"]);
  marked(100);
  draw();
  expect(shownTitles).toEqual(["at 300", null]);
  signs()[0]!.dispatchEvent(new PointerEvent("pointerenter"));
  marked(400);
  draw();
  expect(shownTitles.slice(2)).toEqual(["at 100", null]);
});

test.each([
  ["an annotation", {}, true],
  ["an alert", { alert: { isPending: false } }, false],
  ["a pending alert", { alert: { isPending: true } }, false],
  ["a silence", { silence: {} }, false],
])("the time range of %s covers the data: %s", (_, kind, isShaded) => {
  const mark = { time: 100, timeEnd: 600, title: "TargetDown", text: "", tags: [], color: "red", ...kind };
  annotations = [mark as unknown as PanelAnnotation];
  draw();
  expect(strokes.filter((name) => name === "fillRect")).toHaveLength(isShaded ? 1 : 0);
  expect(strokes).not.toContain("fillText");
  expect(signs().map(({ style }) => style.width)).toEqual(["500px"]);
});
