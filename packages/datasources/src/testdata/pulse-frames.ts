import type { Frame, JsonObject } from "@narthex/dashboards";
import type { DataQuery } from "../data-source.ts";
import { asObject, listAt, numberAt, objectAt, textAt } from "../json-values.ts";
import type { ValueBudget } from "../value-budget.ts";
import { labelsOf } from "./random-walk.ts";

/** Largest number of points and of waves, which is enough for any graph. */
const MAX_POINTS = 20_000;
const MAX_WAVES = 100;
const DEFAULT_STEP_S = 60;

/**
 * Returns the frames of the scenario `predictable_pulse`: a number of steps with the on value, then a number of steps
 * with the off value. The values depend only on the time, not on the range.
 */
export function predictablePulse(query: DataQuery, budget: ValueBudget): readonly Frame[] {
  const wave = objectAt(query.source, "pulseWave") ?? {};
  const onCount = Math.max(0, Math.floor(numberAt(wave, "onCount") ?? 3));
  const offCount = Math.max(0, Math.floor(numberAt(wave, "offCount") ?? 3));
  const [onValue, offValue] = [valueAt(wave, "onValue", 2), valueAt(wave, "offValue", 1)];
  const cycle = Math.max(1, onCount + offCount);
  const labels = textAt(wave, "labels") || textAt(query.source, "labels");
  const of = (index: number): number | null => (index % cycle < onCount ? onValue : offValue);
  return [waveFrame(query, budget, { wave, of, labels, series: 0 })];
}

/**
 * Returns the frames of the scenario `predictable_csv_wave`: a list of values that is repeated. The values depend only
 * on the time.
 */
export function predictableCsvWave(query: DataQuery, budget: ValueBudget): readonly Frame[] {
  const listed = listAt(query.source, "csvWave").map(asObject);
  const waves = listed.length > 0 ? listed : [objectAt(query.source, "csvWave")];
  return waves.slice(0, MAX_WAVES).map((given, i) => {
    const wave = given ?? {};
    const texts = textAt(wave, "valuesCSV") || "0,0,2,2,1,1";
    budget.take(texts.length / 2);
    const values = texts.split(",").map((text) => csvValue(text.trim()));
    const of = (index: number): number | null => values[index % values.length]!;
    return waveFrame(query, budget, { wave, of, labels: textAt(wave, "labels"), series: i });
  });
}

/** Parses a value. `null` and an empty cell are missing values. */
const csvValue = (text: string): number | null => (text === "" || text === "null" ? null : Number(text));

function valueAt(wave: JsonObject, key: string, standard: number): number | null {
  if (Object.hasOwn(wave, key) && wave[key] === null) return null;
  return numberAt(wave, key) ?? standard;
}

interface Wave {
  readonly wave: JsonObject;
  /** Returns the value of a step. Steps are numbered from the epoch. */
  readonly of: (index: number) => number | null;
  readonly labels: string;
  readonly series: number;
}

function waveFrame({ refId, range }: DataQuery, budget: ValueBudget, { wave, of, labels, series }: Wave): Frame {
  const stepMs = Math.max(1, (numberAt(wave, "timeStep") ?? DEFAULT_STEP_S) * 1000);
  const first = Math.ceil(Math.max(0, range.from) / stepMs);
  const count = Math.min(MAX_POINTS, Math.max(0, Math.floor(range.to / stepMs) - first + 1));
  budget.take(count);
  const values = new Float64Array(count);
  const nulls = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    const value = of(first + i);
    if (value === null) nulls[i] = 1;
    else values[i] = value;
  }
  const name = textAt(wave, "name") || (series === 0 ? `${refId}-series` : `${refId}-series${series}`);
  return {
    refId,
    name,
    length: count,
    meta: { type: "timeseries-multi" },
    fields: [
      {
        name: "Time",
        type: "time",
        values: Float64Array.from({ length: count }, (_, i) => (first + i) * stepMs),
        config: { interval: stepMs },
      },
      {
        name,
        type: "number",
        values,
        ...(nulls.includes(1) && { nulls }),
        labels: labelsOf(labels, series),
        config: {},
      },
    ],
  };
}
