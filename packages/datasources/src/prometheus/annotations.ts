import { type JsonObject, parseInterval } from "@narthex/dashboards";
import type { Annotation, TimeRange } from "../data-source.ts";
import { flagAt, objectAt, textAt } from "../json-values.ts";
import { fillLegend } from "./legend.ts";
import { fillBuiltIns, minStep } from "./query-step.ts";
import type { QueryResult, Series } from "./series.ts";

const DEFAULT_STEP_MS = 60_000;
/** Largest number of annotations of a query. More would not be visible. */
const MAX_ANNOTATIONS = 10_000;

/**
 * Returns the expression of an annotation query and its step. The configured step is increased if the server would
 * refuse the range.
 */
export function annotationQuery(
  query: JsonObject,
  range: TimeRange,
): { readonly expr: string; readonly stepMs: number } {
  const target = objectAt(query, "target");
  const expr = textAt(query, "expr") || (target === undefined ? "" : textAt(target, "expr"));
  const written = textAt(query, "step") || (target === undefined ? "" : textAt(target, "interval"));
  const rangeMs = Math.max(0, range.to - range.from);
  const stepMs = Math.max(1, Math.round(Math.max(parseInterval(written) ?? DEFAULT_STEP_MS, minStep(rangeMs))));
  return { expr: fillBuiltIns(expr, { stepMs, rangeMs, rateIntervalMs: 4 * stepMs }).trim(), stepMs };
}

/**
 * Returns the annotations of a result. Points above 0 whose distance is at most a step form one region. With
 * `useValueForTime`, the values of the points are the times of the annotations.
 */
export function annotationsOf({ series }: QueryResult, query: JsonObject, stepMs: number): readonly Annotation[] {
  const format = {
    title: textAt(query, "titleFormat"),
    text: textAt(query, "textFormat"),
    tagKeys: new Set(
      textAt(query, "tagKeys")
        .split(",")
        .map((key) => key.trim()),
    ),
    useValueForTime: flagAt(query, "useValueForTime") === true,
  };
  const annotations: Annotation[] = [];
  for (const one of series) {
    const { labels } = one;
    const title = fillLegend(format.title, labels);
    const text = fillLegend(format.text, labels);
    const tags = Object.keys(labels)
      .filter((label) => format.tagKeys.has(label))
      .map((label) => labels[label]!);
    for (const { from, to } of regionsOf(one, format.useValueForTime, stepMs)) {
      if (annotations.length === MAX_ANNOTATIONS) return annotations;
      annotations.push({ time: from, ...(to > from && { timeEnd: to }), title, text, tags });
    }
  }
  return annotations;
}

function regionsOf({ times, values }: Series, useValueForTime: boolean, stepMs: number): readonly TimeRange[] {
  const marked = useValueForTime
    ? Array.from(values, Math.floor).filter(Number.isFinite)
    : Array.from(times).filter((_, i) => values[i]! > 0);
  const regions: TimeRange[] = [];
  for (const time of marked) {
    const last = regions.at(-1);
    if (last !== undefined && time <= last.to + stepMs)
      regions[regions.length - 1] = { from: last.from, to: Math.max(last.to, time) };
    else regions.push({ from: time, to: time });
  }
  return regions;
}
