import {
  activeStep,
  type Field,
  type Frame,
  joinFormatted,
  type NumericField,
  type ResolvedTimeRange,
  type ThresholdStep,
  valueMapper,
} from "@narthex/dashboards";
import type { FieldView } from "../../contracts/field-view.ts";
import { readOptions } from "../../contracts/option-table.ts";
import { rowOptions, type RowOptions } from "./options.ts";
import { boxesOf, spansOf, type Stretches } from "./stretches.ts";

/** A state in the rows of a timeline. States with the same text and colour are identical. */
interface State {
  readonly key: string;
  readonly text: string;
  readonly color: string;
}

/** A field over time as consecutive time spans, each with one state. */
export interface StateRow extends Stretches {
  readonly name: string;
  readonly options: RowOptions;
}

export interface StatePlan {
  readonly rows: readonly StateRow[];
  readonly states: readonly State[];
}

export interface StateSettings {
  /** `spans`: a value lasts until the next value. `samples`: a value is a box around its time. */
  readonly shape: "spans" | "samples";
  /** Whether consecutive values are merged into one time span if they are equal or lie between the same thresholds. */
  readonly mergesValues: boolean;
  readonly range: ResolvedTimeRange;
  readonly viewOf: (field: Field, frame: Frame) => FieldView;
}

/** Collects the distinct states of a timeline, and returns the index of each state. */
class StateTable {
  readonly states: State[] = [];
  readonly #indexes = new Map<string, number>();

  indexOf(text: string, color: string): number {
    const key = JSON.stringify([text, color]);
    let index = this.#indexes.get(key);
    if (index === undefined) {
      this.#indexes.set(key, (index = this.states.length));
      this.states.push({ key, text, color });
    }
    return index;
  }
}

/** Returns a text for the range between two thresholds: `< 50`, `50+`. */
function thresholdText(steps: readonly ThresholdStep[], at: number, write: (value: number) => string): string {
  const { value } = steps[at]!;
  if (Number.isFinite(value)) return `${write(value)}+`;
  const next = steps[at + 1];
  return next === undefined ? "All" : `< ${write(next.value)}`;
}

/** Returns a function that maps each value of a field to the index of its state. */
function stateChooser(field: Field, view: FieldView, merges: boolean, table: StateTable): (value: unknown) => number {
  const { thresholds, mappings, color } = field.config;
  const steps = thresholds?.steps ?? [];
  const goesByThreshold = merges && field.type === "number" && color?.mode === "thresholds" && steps.length > 0;
  const mapper = valueMapper(mappings);
  const known = new Map<unknown, number>();
  const isPercentage = thresholds?.mode === "percentage";
  const write = (value: number): string => (isPercentage ? `${value}%` : view.text(value));
  const make = (value: unknown): number => {
    const shown = view.display(value);
    return table.indexOf(joinFormatted(shown), shown.color);
  };
  const indexes = steps.map(() => -1);
  const byThreshold = (value: number): number => {
    const { min, max } = view.range;
    const active = activeStep(thresholds, isPercentage ? ((value - min) / (max - min)) * 100 : value);
    const at = active === undefined ? -1 : steps.indexOf(active);
    if (at < 0) return make(value);
    if (indexes[at]! < 0) indexes[at] = table.indexOf(thresholdText(steps, at, write), view.colorOf(value));
    return indexes[at]!;
  };
  return (value) => {
    if (goesByThreshold && typeof value === "number" && mapper?.(value) === undefined) return byThreshold(value);
    let index = known.get(value);
    if (index === undefined) known.set(value, (index = make(value)));
    return index;
  };
}

/**
 * Returns half the smallest distance between two samples in ms. Without two samples, the distance is assumed to be a
 * twentieth of the time range.
 */
function halfStep(times: readonly NumericField[], { from, to }: ResolvedTimeRange): number {
  let least = Infinity;
  for (const { values } of times) {
    for (let row = 1; row < values.length; row++) {
      const distance = Math.abs(values[row]! - values[row - 1]!);
      if (distance > 0 && distance < least) least = distance;
    }
  }
  return (Number.isFinite(least) ? least : (to - from) / 20) / 2;
}

/** Converts fields over time to rows of states. A second time column, if present, contains the end times of states. */
export function planStates(frames: readonly Frame[], settings: StateSettings): StatePlan {
  const table = new StateTable();
  const { range, mergesValues } = settings;
  const sources = frames.flatMap((frame) => {
    const [time, endTime] = frame.fields.filter((field): field is NumericField => field.type === "time");
    return time === undefined ? [] : [{ frame, time, endTime }];
  });
  const half = halfStep(
    sources.map(({ time }) => time),
    range,
  );
  const rows = sources.flatMap(({ frame, time, endTime }) =>
    frame.fields.flatMap((field): StateRow[] => {
      const options = readOptions(rowOptions, field.config.custom);
      if (field.type === "time" || field.type === "frame" || options.isHiddenInPlot) return [];
      const view = settings.viewOf(field, frame);
      const stateOf = stateChooser(field, view, mergesValues, table);
      const source = { field, time, endTime, stateOf, options, mergesValues, range };
      return [{ name: view.name, options, ...(settings.shape === "spans" ? spansOf(source) : boxesOf(source, half)) }];
    }),
  );
  return { rows, states: table.states };
}

/** Returns the index of the time span that contains a time, or -1. */
export function spanAt({ starts, ends }: Pick<Stretches, "starts" | "ends">, time: number): number {
  let [low, high] = [0, starts.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (starts[middle]! <= time) low = middle + 1;
    else high = middle;
  }
  return low > 0 && time < ends[low - 1]! ? low - 1 : -1;
}
