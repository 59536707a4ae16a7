import type { DataLink, Frame, JsonObject, Labels, StringField } from "@narthex/dashboards";
import { type JsonCursor, JsonProblem } from "@narthex/http/answer";
import { asObject, listAt, textAt } from "../json-values.ts";
import type { ValueBudget } from "../value-budget.ts";
import { type FrameSettings, timeField } from "./series-frames.ts";
import { readLabels } from "./series-reader.ts";

/** An exemplar: a sample with labels that identify a trace. */
export interface Exemplar {
  /** Time of the exemplar, epoch ms. */
  readonly time: number;
  readonly value: number;
  /** Labels of the exemplar, followed by those of its series. */
  readonly labels: Labels;
}

/** Largest number of exemplars that are read from an answer. */
const MAX_EXEMPLARS = 100_000;

/**
 * Reads an element of the answer, which contains the exemplars of a series:
 * `{"seriesLabels":{…},"exemplars":[{"labels","value","timestamp"}]}`.
 */
export function readExemplars(json: JsonCursor, into: Exemplar[]): void {
  let series: Labels = {};
  const found: Exemplar[] = [];
  json.object((key) => {
    if (key === "seriesLabels") series = readLabels(json);
    else if (key !== "exemplars") json.skip();
    else for (let more = json.beginArray(); more; more = json.nextElement()) found.push(readExemplar(json));
  });
  if (into.length + found.length > MAX_EXEMPLARS) throw new JsonProblem(`more than ${MAX_EXEMPLARS} exemplars`);
  for (const one of found)
    into.push({ ...one, labels: Object.assign(Object.create(null) as Record<string, string>, series, one.labels) });
}

function readExemplar(json: JsonCursor): Exemplar {
  let [time, value] = [NaN, NaN];
  let labels: Labels = {};
  json.object((key) => {
    if (key === "timestamp") time = Math.round(json.number() * 1000);
    else if (key === "value") value = json.number();
    else if (key === "labels") labels = readLabels(json);
    else json.skip();
  });
  return { time, value, labels };
}

/**
 * Returns the exemplars that can be distinguished on a graph. In each step, keeps the exemplar with the largest value.
 * Then goes to smaller values, and keeps an exemplar if its value is at least two standard deviations (of all values in
 * the step) below the exemplar kept before.
 */
export function sampleExemplars(exemplars: readonly Exemplar[], stepMs: number): readonly Exemplar[] {
  const steps = new Map<number, Exemplar[]>();
  for (const exemplar of exemplars) {
    const step = Math.floor(exemplar.time / stepMs);
    const others = steps.get(step);
    if (others === undefined) steps.set(step, [exemplar]);
    else others.push(exemplar);
  }
  const kept = [...steps.values()].flatMap((step) => {
    const apart = 2 * deviation(step.map(({ value }) => value));
    let last = Infinity;
    return step
      .toSorted((a, b) => b.value - a.value)
      .filter(({ value }) => {
        const isTaken = last === Infinity || (apart > 0 && last - value >= apart);
        if (isTaken) last = value;
        return isTaken;
      });
  });
  return kept.sort((a, b) => a.time - b.time);
}

function deviation(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}

/**
 * Returns a frame of exemplars with Time, Value, and a column for each label. Labels that contain a trace id link to
 * the trace. Throws QueryFailure if the budget has too few cells left.
 */
export function exemplarFrame(
  exemplars: readonly Exemplar[],
  { refId, stepMs }: FrameSettings,
  destinations: readonly JsonObject[],
  budget: ValueBudget,
): Frame {
  const names = new Set<string>();
  for (const { labels } of exemplars) for (const name of Object.keys(labels)) names.add(name);
  budget.take(names.size * exemplars.length);
  const columns = Array.from(names, (name): StringField => {
    const links = linksOf(destinations, name);
    return {
      name,
      type: "string",
      values: exemplars.map(({ labels }) => (Object.hasOwn(labels, name) ? labels[name]! : null)),
      config: links.length === 0 ? {} : { links },
    };
  });
  return {
    refId,
    name: "exemplar",
    length: exemplars.length,
    meta: { type: "annotations", custom: { resultType: "exemplar" } },
    fields: [
      timeField(
        "Time",
        Float64Array.from(exemplars, ({ time }) => time),
        stepMs,
      ),
      { name: "Value", type: "number", values: Float64Array.from(exemplars, ({ value }) => value), config: {} },
      ...columns,
    ],
  };
}

const linksOf = (destinations: readonly JsonObject[], name: string): readonly DataLink[] =>
  destinations
    .filter((one) => textAt(one, "name") === name)
    .flatMap((one): DataLink[] => {
      const [url, datasourceUid, label] = ["url", "datasourceUid", "urlDisplayLabel"].map((key) => textAt(one, key));
      if (datasourceUid !== "") {
        const query = { query: "${__value.raw}", queryType: "traceql" };
        const internal = { datasourceUid: datasourceUid!, datasourceName: "", query };
        return [{ title: label || "Open the trace", url: "", targetBlank: false, oneClick: false, internal }];
      }
      return url === "" ? [] : [{ title: label || `Go to ${url}`, url: url!, targetBlank: true, oneClick: false }];
    });

export const destinationsOf = (jsonData: JsonObject): readonly JsonObject[] =>
  listAt(jsonData, "exemplarTraceIdDestinations")
    .map(asObject)
    .filter((one) => one !== undefined);
