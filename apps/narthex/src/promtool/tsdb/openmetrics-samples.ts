import { ENTRY_END, ENTRY_SERIES, OpenMetricsReader } from "@narthex/exposition";
import { Labels } from "@narthex/model";
import type { InputPieces } from "./input-pieces.ts";

/** Thrown if an import cannot continue. The message is shown to the user. */
export class ImportError extends Error {
  override readonly name = "ImportError";
}

/**
 * Returns the oldest and the newest time of the samples; both are 0 if there are no samples. Throws ImportError and
 * ExpositionError.
 */
export function timeRange(input: InputPieces): { readonly minTime: number; readonly maxTime: number } {
  let minTime = Infinity;
  let maxTime = -Infinity;
  for (const reader of seriesOf(input)) {
    const time = reader.timestamp;
    if (Number.isNaN(time)) throw new ImportError("expected timestamp for series got none");
    if (time < minTime) minTime = time;
    if (time > maxTime) maxTime = time;
  }
  return minTime === Infinity ? { minTime: 0, maxTime: 0 } : { minTime, maxTime };
}

/**
 * Calls `visit` for each sample with from <= time < to, with its labels and the custom labels. Returns the time of the
 * oldest later sample, or Infinity.
 */
export function samplesBetween(
  input: InputPieces,
  from: number,
  to: number,
  custom: Iterable<readonly [string, string]>,
  visit: (labels: Labels, time: number, value: number) => void,
): number {
  const known = new Map<string, Labels>();
  let next = Infinity;
  for (const reader of seriesOf(input)) {
    const time = reader.timestamp;
    if (time < from) continue;
    if (time >= to) {
      if (time < next) next = time;
      continue;
    }
    visit(labelsOf(reader, known, custom), time, reader.value);
  }
  return next;
}

/**
 * For each sample, yields a reader that is positioned at the sample. Throws ExpositionError and the errors of node:fs.
 */
function* seriesOf(input: InputPieces): Generator<OpenMetricsReader> {
  for (const piece of input()) {
    const reader = new OpenMetricsReader(piece);
    for (let kind = reader.next(); kind !== ENTRY_END; kind = reader.next()) if (kind === ENTRY_SERIES) yield reader;
  }
}

function labelsOf(
  reader: OpenMetricsReader,
  known: Map<string, Labels>,
  custom: Iterable<readonly [string, string]>,
): Labels {
  const { seriesBytes, seriesStart, seriesEnd } = reader;
  const key = Buffer.from(seriesBytes.buffer, seriesBytes.byteOffset + seriesStart, seriesEnd - seriesStart).toString(
    "latin1",
  );
  const found = known.get(key);
  if (found !== undefined) return found;
  const words = reader.labels();
  const pairs: [string, string][] = [];
  for (let i = 0; i < words.length; i += 2) pairs.push([words[i]!, words[i + 1]!]);
  const labels = Labels.of([...pairs, ...custom]);
  known.set(key, labels);
  return labels;
}
