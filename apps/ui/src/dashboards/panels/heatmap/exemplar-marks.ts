import { type Frame, formatTime, isNumeric, type ResolvedDataLink, timeFieldOf, valueAt } from "@narthex/dashboards";
import { type ExemplarMark, thinned } from "../../../plot/exemplar-marks.ts";
import type { PanelContext } from "../../contracts/panel-kind.ts";
import { axisPosition } from "./heatmap-plan.ts";
import type { HeatmapMoment } from "./heatmap-plot.ts";

/** Returns a function that converts exemplars to marks. It returns the same list until the exemplars change. */
export function exemplarsOf(color: string, now: () => HeatmapMoment): () => readonly ExemplarMark[] {
  let marks: readonly ExemplarMark[] = [];
  let made: readonly Frame[] | undefined;
  return () => {
    const { plan, context } = now();
    if (made !== plan.exemplars) marks = marksOf(now(), context.cssColor(color));
    made = plan.exemplars;
    return marks;
  };
}

function marksOf({ plan, context }: HeatmapMoment, color: string): readonly ExemplarMark[] {
  const all = plan.exemplars.flatMap((frame) => Array.from({ length: frame.length }, (_, row) => ({ frame, row })));
  return thinned(all).flatMap(({ frame, row }): readonly ExemplarMark[] => {
    const time = timeFieldOf(frame)?.values[row];
    const value = frame.fields.find((field) => isNumeric(field) && field.type === "number");
    const number = value === undefined ? null : valueAt(value, row);
    if (time === undefined || typeof number !== "number") return [];
    const position = axisPosition(plan, number);
    if (Number.isNaN(position)) return [];
    const texts = frame.fields.flatMap((field): string[] => {
      const label = field.type === "string" ? field.values[row] : null;
      return typeof label === "string" ? [`${field.name}: ${label}`] : [];
    });
    const valueLines = [`value: ${number}`, formatTime(time, context.zone, "YYYY-MM-DD HH:mm:ss.SSS")];
    const link = linkOf(frame, row, context);
    return [
      {
        time,
        position,
        title: [...texts, ...valueLines].join("\n"),
        color,
        ...(link === undefined ? {} : { link }),
      },
    ];
  });
}

/** Returns the first link that an exemplar's labels have. */
function linkOf(frame: Frame, row: number, { linksOf }: PanelContext): ResolvedDataLink | undefined {
  for (const field of frame.fields) {
    const [first] = linksOf({ field, frame, row });
    if (first !== undefined) return first;
  }
  return undefined;
}
