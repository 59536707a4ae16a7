import { detectReset, equalHistograms } from "@narthex/model";
import { FLOAT } from "../operators/operator.ts";
import { type RangeKernelFactory, type WindowedSeries } from "../operators/window.ts";
import { windowEnd } from "../operators/window-slots.ts";
import { firstSlot } from "./extended-rate.ts";
import { isStartReset } from "./start-timestamp.ts";

/** Returns whether the value changes (or a counter resets) between the samples with the indexes `slot`-1 and `slot`. */
type EventTest = (series: WindowedSeries, slot: number) => boolean;

const changed: EventTest = ({ values, histograms }, slot) => {
  const before = histograms?.[slot - 1];
  const after = histograms?.[slot];
  if (before !== undefined && after !== undefined) return !equalHistograms(after, before);
  if (before !== undefined || after !== undefined) return true;
  const a = values[slot - 1]!;
  const b = values[slot]!;
  return a !== b && !(Number.isNaN(a) && Number.isNaN(b));
};

const reset: EventTest = ({ values, histograms, timestamps, startTimestamps: starts }, slot) => {
  const before = histograms?.[slot - 1];
  const after = histograms?.[slot];
  if ((before === undefined) !== (after === undefined)) return true;
  if (
    starts !== undefined &&
    isStartReset(starts[slot - 1]!, timestamps[slot - 1]!, starts[slot]!, timestamps[slot]!)
  ) {
    return true;
  }
  return after !== undefined ? detectReset(after, before!) : values[slot]! < values[slot - 1]!;
};

/** Writes the number of events (changes or resets) up to each sample, for a series of floats. */
type RunningCount = (values: Float64Array, count: number, into: Int32Array) => void;

const countChanged: RunningCount = (values, count, into) => {
  let events = 0;
  for (let i = 1; i < count; i++) {
    const before = values[i - 1]!;
    const value = values[i]!;
    if (value !== before && !(Number.isNaN(value) && Number.isNaN(before))) events++;
    into[i] = events;
  }
};

const countFallen: RunningCount = (values, count, into) => {
  let events = 0;
  for (let i = 1; i < count; i++) {
    if (values[i]! < values[i - 1]!) events++;
    into[i] = events;
  }
};

/**
 * Makes the functions changes() and resets(). Counts the events up to each sample once, so that each window needs only
 * one subtraction.
 */
const countEvents = (test: EventTest, countInFloats: RunningCount): RangeKernelFactory => {
  return ({ frame }) => {
    // Number of changes or resets up to each sample; the first element is always 0.
    let room = new Int32Array(0);
    return (series, out) => {
      const { from, to, count, timestamps } = series;
      if (room.length < count) room = new Int32Array(count * 2);
      const eventsUpTo = room;
      if (series.histograms === undefined && series.startTimestamps === undefined) {
        countInFloats(series.values, count, eventsUpTo);
      } else {
        for (let i = 1; i < count; i++) eventsUpTo[i] = eventsUpTo[i - 1]! + (test(series, i) ? 1 : 0);
      }
      for (let step = 0; step < from.length; step++) {
        let first = from[step]!;
        const last = to[step]! - 1;
        if (last < first) continue;
        if (frame.mode === "anchored") {
          const start = windowEnd(frame, step) - frame.rangeMs;
          const inside = firstSlot(timestamps, first, last + 1, (time) => time > start);
          if (inside > last) continue;
          first = Math.max(first, inside - 1);
        }
        out.values[step] = eventsUpTo[last]! - eventsUpTo[first]!;
        out.present[step] = FLOAT;
      }
    };
  };
};

export const changesKernel: RangeKernelFactory = countEvents(changed, countChanged);
export const resetsKernel: RangeKernelFactory = countEvents(reset, countFallen);
