import { type Field, joinFormatted, valueAt } from "@narthex/dashboards";
import type uPlot from "uplot";
import type { PlotConfig } from "../../../plot/Plot.tsx";
import { numberAxis } from "../../plot/number-axis.ts";
import { pointerOf, TooltipBox, tooltipHead, tooltipLine, tooltipLines } from "../../../plot/tooltip-box.ts";
import { LEFT, RIGHT } from "../../plot/uplot-enums.ts";
import { scaleKey, scaleRange, type ScaleSettings, valueAxis, valueScale } from "../../plot/value-scale.ts";
import type { PanelContext } from "../../contracts/panel-kind.ts";
import type { XYChartOptions } from "./options.ts";
import { type DrawnPoints, drawPoints, isDrawn, type PointAt, pointAt } from "./point-drawing.ts";
import { extentOf, type PointPlan, type PointSeries } from "./point-plan.ts";

/** The current points of an XY chart, from which it is drawn. */
export interface PointMoment {
  readonly plan: PointPlan;
  readonly hidden: ReadonlySet<string>;
  readonly context: PanelContext;
}

/**
 * Returns a key for the plot configuration. A changed key means that the plot must be configured again; new points do
 * not change the key.
 */
export const pointKey = ({ series, x }: PointPlan, options: XYChartOptions): string =>
  JSON.stringify([series.map(({ key, color, options: own, scale }) => [key, color, own, scale]), x.scale, options]);

/**
 * Returns the uPlot configuration of an XY chart. It contains no data; drawing functions get the current points from
 * `now`.
 */
export function pointConfig(options: XYChartOptions, now: () => PointMoment): PlotConfig {
  const { plan, context } = now();
  const { x } = plan;
  const scales = new Map(plan.series.map((one) => [scaleKey(one.scale), one]));
  let drawn: ReadonlyMap<number, DrawnPoints> = new Map();
  const shown = (): readonly PointSeries[] => now().plan.series.filter((one) => isDrawn(one, now().hidden));
  const rangeOf = (settings: ScaleSettings, columns: readonly Float64Array[]) =>
    scaleRange(settings, ...extentOf(columns, settings));
  return {
    padding: [10, 14, 0, 4],
    legend: { show: false },
    cursor: { points: { show: false }, drag: { x: false, y: false, setScale: false } },
    scales: {
      x: {
        ...valueScale(x.scale),
        time: false,
        range: () =>
          rangeOf(
            x.scale,
            shown().map(({ xs }) => xs),
          ),
      },
      ...Object.fromEntries(
        [...scales].map(([key, { scale }]): [string, uPlot.Scale] => {
          const range = () =>
            rangeOf(
              scale,
              shown().flatMap((one) => (scaleKey(one.scale) === key ? [one.ys] : [])),
            );
          return [key, { ...valueScale(scale), range }];
        }),
      ),
    },
    axes: [
      numberAxis(x.scale, (value, decimals) => now().plan.x.view.text(value, decimals), context.theme),
      ...valueAxes(plan, context),
    ],
    series: [{}, ...[...scales.keys()].map((scale) => ({ scale, paths: () => null, points: { show: false } }))],
    hooks: { draw: [(plot) => (drawn = drawPoints(plot, now().plan, now().hidden))] },
    plugins: options.tooltipMode === "none" ? [] : [pointTooltip(now, () => drawn)],
  };
}

/**
 * Returns the axes of the chart. An axis that only one series uses gets the name of the series, unless the axis has a
 * label.
 */
function valueAxes({ series }: PointPlan, { viewOf, theme }: PanelContext): uPlot.Axis[] {
  const members = Map.groupBy(series, ({ scale }) => scaleKey(scale));
  let hasLeft = false;
  return [...members].flatMap(([key, [first, ...others]], index): uPlot.Axis[] => {
    const { scale, y, frame } = first!;
    if (scale.placement === "hidden") return [];
    const isRight = scale.placement === "right" || (scale.placement === "auto" && hasLeft);
    hasLeft ||= !isRight;
    const view = viewOf(y, frame);
    const label = scale.label === "" && others.length === 0 ? view.name : scale.label;
    const axis = valueAxis({ ...scale, label }, isRight ? RIGHT : LEFT, view.text, theme, index === 0);
    return [{ ...axis, scale: key }];
  });
}

/** uPlot plugin with a tooltip that shows the row of the point under the pointer. */
function pointTooltip(now: () => PointMoment, drawn: () => ReadonlyMap<number, DrawnPoints>): uPlot.Plugin {
  const box = new TooltipBox();
  const update = (plot: uPlot): void => {
    const pointer = pointerOf(plot, false);
    const at = pointer === undefined ? undefined : pointAt(now().plan, drawn(), pointer.left, pointer.top);
    box.show(plot, at === undefined ? [] : contents(now(), at));
  };
  return { hooks: { init: () => box.attach(), destroy: () => box.remove(), setCursor: update } };
}

function contents({ plan, context }: PointMoment, { series, row }: PointAt): readonly Node[] {
  const one = plan.series[series];
  if (one === undefined) return [];
  const { frame, x, y, colorField, sizeField } = one;
  const fields: readonly Field[] = [
    ...new Set([x, y, ...[colorField, sizeField].filter((field) => field !== undefined), ...frame.fields]),
  ];
  // Tooltips leave out columns that are drawn as other series, because their values belong to other points.
  const others = new Set<Field>(
    plan.series.flatMap((other) => (other.frame === frame && other.y !== y ? [other.y] : [])),
  );
  const lines = fields
    .filter((field) => field === x || field === y || field === colorField || field === sizeField || !others.has(field))
    .map((field) => {
      const view = context.viewOf(field, frame);
      const text = joinFormatted(view.display(valueAt(field, row)));
      return tooltipLine({ name: view.name, text, ...(field === y ? { color: one.colors?.[row] ?? one.color } : {}) });
    });
  return [tooltipHead(one.name), tooltipLines(lines)];
}
