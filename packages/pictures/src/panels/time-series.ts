import { type PlotTheme, timeTickFormat } from "@narthex/dashboards";
import { timeTicks } from "../axes/time-axis.ts";
import { isPlottable, type ValueAxis, valueAxis, type ValueRange } from "../axes/value-axis.ts";
import type { Rect } from "../scene/rect.ts";
import type { Shape } from "../scene/scene.ts";
import { box, dashes, textLine, widest } from "../scene/shapes.ts";
import { type LegendEntry, planLegend } from "./legend.ts";
import { messageShapes } from "./message.ts";
import { MOST_MARKS, MOST_SERIES, MOST_THRESHOLDS, paintOf, TEXT_SIZE, valueText } from "./panel-style.ts";
import type { PictureMark, PictureSeries, TimeSeriesPicture } from "./picture.ts";
import { areasBelow, type PlotScale, seriesPath } from "./series-path.ts";

const AXIS_HEIGHT = 20;
const MARK_TEXT_PX = 120;
const LINE_PX = 1.5;
/** Missed steps between two points that are not yet a gap. */
const GAP_STEPS = 1.5;

/** Draws series over time, with axes and a legend. */
export function* drawTimeSeries(
  given: TimeSeriesPicture,
  place: Rect,
  theme: PlotTheme,
): Generator<undefined, Shape[], undefined> {
  const picture = { ...given, ...visibleTimes(given) };
  const drawn = picture.series.slice(0, MOST_SERIES);
  const { range, lasts } = yield* readValues(picture, drawn);
  const entries = drawn.map((series, i): LegendEntry => ({
    name: series.name,
    value: lasts[i] === undefined ? "" : valueText(lasts[i], picture.unit, picture.decimals),
    paint: paintOf(series.color, i, theme),
  }));
  const total = picture.hasLegend === false ? 0 : picture.series.length;
  const legend = planLegend(total === 0 ? [] : entries, total, place, theme);
  const hasMarkTexts = (picture.marks ?? []).some(({ text }) => text !== "");
  const top = hasMarkTexts ? 16 : 6;
  const height = Math.max(20, place.height - legend.height - AXIS_HEIGHT - top);
  const axis = valueAxis(withThresholds(range, picture), height, picture.unit ?? "short", picture);
  const labels = axis.ticks.map(({ text }) => text);
  const left = Math.min(place.width / 3, Math.ceil(widest(labels, TEXT_SIZE)) + 8);
  const plot = { x: place.x + left, y: place.y + top, width: Math.max(20, place.width - left - 4), height };
  const scale = scaleOf(picture, axis, plot);
  const shapes = [...gridShapes(picture, axis, plot, scale, theme), ...rangeShapes(picture, plot, scale, theme)];
  for (const [i, series] of drawn.entries()) {
    const path = yield* seriesPath(series, scale);
    const paint = entries[i]!.paint;
    for (const points of (picture.fill ?? 0) > 0 ? areasBelow(path, baselineOf(axis, scale)) : [])
      shapes.push({ kind: "area", points, clip: plot, color: paint.color, opacity: Math.min(1, picture.fill!) });
    if (path.length > 0) shapes.push({ kind: "line", points: path, width: LINE_PX, clip: plot, ...paint });
    yield;
  }
  const message = picture.message ?? (shapes.some(({ kind }) => kind === "line") ? "" : "No data");
  return [
    ...shapes,
    ...thresholdShapes(picture, plot, scale, theme),
    ...markShapes(picture, plot, scale, theme),
    ...messageShapes(message, plot, theme),
    ...legend.shapes({ ...place, y: place.y + place.height - legend.height, height: legend.height }),
  ];
}

/** Last time that a date can have, Unix ms. */
const LAST_TIME = 8.64e15;

/** Returns the ends of the time axis. Times that are no dates, or in the wrong order, are replaced by one hour in 1970. */
const visibleTimes = ({ from, to }: TimeSeriesPicture): { from: number; to: number } =>
  from < to && from >= -LAST_TIME && to <= LAST_TIME ? { from, to } : { from: 0, to: 3_600_000 };

function* readValues(
  { from, to }: TimeSeriesPicture,
  drawn: readonly PictureSeries[],
): Generator<undefined, { range: ValueRange; lasts: readonly (number | undefined)[] }, undefined> {
  let [low, high] = [Infinity, -Infinity];
  const lasts: (number | undefined)[] = [];
  for (const { times, values } of drawn) {
    let last: number | undefined;
    const count = Math.min(times.length, values.length);
    for (let i = 0; i < count; i++) {
      const value = values[i]!;
      const isVisible = times[i]! >= from && times[i]! <= to;
      if (isVisible && !Number.isNaN(value)) last = value;
      if (!isVisible || !isPlottable(value)) continue;
      if (value < low) low = value;
      if (value > high) high = value;
    }
    lasts.push(last);
    yield;
  }
  return { range: { low, high }, lasts };
}

/** Returns the thresholds that are drawn. */
const thresholdsOf = ({ thresholds = [] }: TimeSeriesPicture) =>
  thresholds.filter(({ value }) => isPlottable(value)).slice(0, MOST_THRESHOLDS);

/** Returns the range extended to the thresholds. */
const withThresholds = (range: ValueRange, picture: TimeSeriesPicture): ValueRange =>
  thresholdsOf(picture).reduce(
    ({ low, high }, { value }) => ({ low: Math.min(low, value), high: Math.max(high, value) }),
    range,
  );

function scaleOf({ from, to, stepMs }: TimeSeriesPicture, { low, high }: ValueAxis, plot: Rect): PlotScale {
  const perMs = plot.width / Math.max(1, to - from);
  const perUnit = plot.height / (high - low);
  return {
    from,
    to,
    gapMs: stepMs === undefined ? Infinity : stepMs * GAP_STEPS,
    x: (time) => plot.x + (time - from) * perMs,
    y: (value) => plot.y + plot.height - (value - low) * perUnit,
  };
}

/** Returns the place of the bottom of filled areas: zero, or the end of the axis that is nearest to zero. */
const baselineOf = ({ low, high }: ValueAxis, { y }: PlotScale): number => y(Math.min(high, Math.max(low, 0)));

function gridShapes(
  picture: TimeSeriesPicture,
  axis: ValueAxis,
  plot: Rect,
  scale: PlotScale,
  theme: PlotTheme,
): Shape[] {
  const label = { size: TEXT_SIZE, color: theme.text };
  const shapes: Shape[] = [];
  for (const { value, text } of axis.ticks) {
    const y = Math.round(scale.y(value));
    shapes.push(box(plot.x, y, plot.width, 1, { color: theme.grid }));
    shapes.push(textLine(plot.x - 6, y + 4, text, { ...label, anchor: "end", room: plot.x }));
  }
  const { from, to, zone } = picture;
  const bottom = plot.y + plot.height;
  const sample = timeTickFormat((to - from) / Math.max(1, plot.width / 80), to - from);
  const most = plot.width / (widest([sample], TEXT_SIZE) + 24);
  for (const { time, text } of timeTicks(from, to, zone, most)) {
    const x = Math.round(scale.x(time));
    const room = widest([text], TEXT_SIZE) + 1;
    const middle = Math.min(plot.x + plot.width - room / 2 + 4, x);
    shapes.push(box(x, plot.y, 1, plot.height, { color: theme.grid }));
    shapes.push(textLine(middle, bottom + 15, text, { ...label, anchor: "middle", room }));
  }
  return shapes;
}

function thresholdShapes(picture: TimeSeriesPicture, plot: Rect, scale: PlotScale, theme: PlotTheme): Shape[] {
  return thresholdsOf(picture).flatMap(({ value, color }) => {
    const y = Math.round(scale.y(value));
    const isInside = y >= plot.y && y <= plot.y + plot.height;
    return isInside ? dashes(plot.x, y, plot.width, "right", paintOf(color ?? "red", 0, theme)) : [];
  });
}

const marksOf = ({ marks = [], from, to }: TimeSeriesPicture): readonly PictureMark[] =>
  marks
    .filter(({ time, end = time }) => time <= to && end >= from)
    .sort((a, b) => a.time - b.time)
    .slice(-MOST_MARKS);

/** Returns the coloured ranges of marks with an end. */
const rangeShapes = (picture: TimeSeriesPicture, plot: Rect, { x, from, to }: PlotScale, theme: PlotTheme): Shape[] =>
  marksOf(picture)
    .filter(({ end }) => end !== undefined)
    .map(({ time, end, color }) => {
      const left = x(Math.max(from, time));
      const paint = paintOf(color ?? "blue", 0, theme);
      return box(left, plot.y, Math.max(1, x(Math.min(to, end!)) - left), plot.height, { ...paint, opacity: 0.12 });
    });

function markShapes(picture: TimeSeriesPicture, plot: Rect, scale: PlotScale, theme: PlotTheme): Shape[] {
  const shapes: Shape[] = [];
  let free = -Infinity;
  for (const { time, text, color } of marksOf(picture)) {
    if (time < picture.from) continue;
    const paint = paintOf(color ?? "blue", 0, theme);
    const x = Math.round(scale.x(time));
    for (const dash of dashes(x, plot.y - 4, plot.height + 4, "down", paint)) shapes.push(dash);
    // A text that would overlap the text of the last mark is left out.
    if (x < free || text === "") continue;
    const room = Math.min(MARK_TEXT_PX, plot.x + plot.width - x);
    const isAtEnd = room < MARK_TEXT_PX / 2;
    const style = { ...paint, size: TEXT_SIZE - 1, room: isAtEnd ? MARK_TEXT_PX : room };
    shapes.push(textLine(x + (isAtEnd ? -3 : 3), plot.y - 4, text, { ...style, anchor: isAtEnd ? "end" : "start" }));
    free = x + (isAtEnd ? 0 : room);
  }
  return shapes;
}
