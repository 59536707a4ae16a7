import type { Frame, JsonObject, Labels } from "@narthex/dashboards";
import type { Steps } from "@narthex/runtime";
import { numberAt, objectAt, objectsAt, textAt } from "../json-values.ts";
import { attributeValue } from "./otlp-values.ts";
import type { ValueBudget } from "../value-budget.ts";

interface MetricSettings {
  readonly refId: string;
  /** Time of the values of an instant query, epoch ms. */
  readonly time: number;
  readonly isInstant: boolean;
  readonly cells: ValueBudget;
}

/** Returns a frame for each series of a metrics query. */
export function* metricFrames(answer: JsonObject, settings: MetricSettings): Steps<readonly Frame[]> {
  const frames: Frame[] = [];
  for (const series of objectsAt(answer, "series")) {
    yield;
    const points = settings.isInstant
      ? [{ time: settings.time, value: numberAt(series, "value") ?? 0 }]
      : pointsOf(series);
    settings.cells.take(2 * points.length + 10);
    frames.push(frameOf(labelsOf(series), points, settings));
  }
  return frames;
}

interface Point {
  readonly time: number;
  readonly value: number;
}

/** Returns the samples of a series in the order of time. Samples without a value are zero in Tempo's JSON. */
const pointsOf = (series: JsonObject): readonly Point[] =>
  objectsAt(series, "samples")
    .map((sample) => ({ time: numberAt(sample, "timestampMs") ?? 0, value: numberAt(sample, "value") ?? 0 }))
    .sort((a, b) => a.time - b.time);

function labelsOf(series: JsonObject): Labels {
  const labels = Object.create(null) as Record<string, string>;
  for (const label of objectsAt(series, "labels")) {
    const value = attributeValue(objectAt(label, "value"));
    labels[textAt(label, "key")] = value === null ? "nil" : String(value);
  }
  return labels;
}

function frameOf(labels: Labels, points: readonly Point[], { refId, isInstant }: MetricSettings): Frame {
  const name = nameOf(labels);
  return {
    refId,
    name,
    length: points.length,
    meta: { type: isInstant ? "numeric-multi" : "timeseries-multi", preferredVisualisationType: "graph" },
    fields: [
      { name: "time", type: "time", values: Float64Array.from(points, ({ time }) => time), config: {} },
      {
        name,
        type: "number",
        labels,
        values: Float64Array.from(points, ({ value }) => value),
        config: { displayNameFromDS: name },
      },
    ],
  };
}

/** Returns the value of the only label, or all labels of a series. */
function nameOf(labels: Labels): string {
  const names = Object.keys(labels).sort();
  if (names.length === 1) return labels[names[0]!]!;
  return `{${names.map((name) => `${name}=${JSON.stringify(labels[name])}`).join(", ")}}`;
}
