import type { Frame, JsonObject } from "@narthex/dashboards";
import type { DataQuery } from "../data-source.ts";
import { asObject, listAt, numberAt, objectAt, textAt } from "../json-values.ts";
import { labelsOf } from "./random-walk.ts";

/** No picture needs more. */
const MAX_POINTS = 20_000;
const MAX_WAVES = 100;
const DEFAULT_STEP_S = 60;

/** The scenario `predictable_pulse`: so many steps on, so many off, by the clock and not by the range. */
export function predictablePulse(query: DataQuery): readonly Frame[] {
  const wave = objectAt(query.source, "pulseWave") ?? {};
  const onCount = Math.max(0, Math.floor(numberAt(wave, "onCount") ?? 3));
  const offCount = Math.max(0, Math.floor(numberAt(wave, "offCount") ?? 3));
  const [onValue, offValue] = [valueAt(wave, "onValue", 2), valueAt(wave, "offValue", 1)];
  const cycle = Math.max(1, onCount + offCount);
  const labels = textAt(wave, "labels") || textAt(query.source, "labels");
  return [waveFrame(query, wave, (index) => (index % cycle < onCount ? onValue : offValue), labels, 0)];
}

/** The scenario `predictable_csv_wave`: values that come round, by the clock. */
export function predictableCsvWave(query: DataQuery): readonly Frame[] {
  const listed = listAt(query.source, "csvWave").map(asObject);
  const waves = listed.length > 0 ? listed : [objectAt(query.source, "csvWave")];
  return waves.slice(0, MAX_WAVES).map((given, i) => {
    const wave = given ?? {};
    const texts = textAt(wave, "valuesCSV") || "0,0,2,2,1,1";
    const values = texts.split(",").map((text) => csvValue(text.trim()));
    return waveFrame(query, wave, (index) => values[index % values.length]!, textAt(wave, "labels"), i);
  });
}

/** null and nothing are no value. */
const csvValue = (text: string): number | null => (text === "" || text === "null" ? null : Number(text));

function valueAt(wave: JsonObject, key: string, standard: number): number | null {
  if (Object.hasOwn(wave, key) && wave[key] === null) return null;
  return numberAt(wave, key) ?? standard;
}

function waveFrame(
  { refId, range }: DataQuery,
  wave: JsonObject,
  of: (index: number) => number | null,
  labels: string,
  series: number,
): Frame {
  const stepMs = Math.max(1, (numberAt(wave, "timeStep") ?? DEFAULT_STEP_S) * 1000);
  const first = Math.ceil(Math.max(0, range.from) / stepMs);
  const count = Math.min(MAX_POINTS, Math.max(0, Math.floor(range.to / stepMs) - first + 1));
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
