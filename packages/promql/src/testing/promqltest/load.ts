import { classicToNative, type ClassicSample } from "./classic-to-native.ts";
import type { LoadCommand } from "./script.ts";
import type { ScriptSample, ScriptStorage } from "./storage.ts";

/**
 * Adds the series of a `load` command to the storage. Value i has the time i · step after 1970. Throws if the storage
 * refuses a value.
 */
export function runLoad(command: LoadCommand, storage: ScriptStorage): void {
  // Uses the last series if a label set occurs several times.
  const series = new Map(command.series.map((one) => [one.labels.key, one]));
  const classic: ClassicSample[] = [];
  const append = (...sample: Parameters<ScriptStorage["append"]>): void => {
    const problem = storage.append(...sample);
    if (problem !== undefined) throw problem;
  };
  for (const { labels, values, startOffsets } of series.values()) {
    values.forEach((value, i) => {
      const timestamp = i * command.stepMs;
      const offset = startOffsets[i];
      const sample = sampleOf(value);
      if (sample === undefined) return;
      append(labels, timestamp, sample, offset === undefined ? 0 : timestamp + offset);
      if (typeof sample === "number") classic.push({ labels, timestamp, value: sample });
    });
  }
  if (!command.withNative) return;
  for (const { labels, timestamp, histogram } of classicToNative(classic)) append(labels, timestamp, histogram, 0);
}

function sampleOf(value: LoadCommand["series"][number]["values"][number]): ScriptSample | undefined {
  if (value.kind === "omitted") return undefined;
  if (value.kind === "stale") return "stale";
  return value.kind === "float" ? value.value : value.histogram;
}
