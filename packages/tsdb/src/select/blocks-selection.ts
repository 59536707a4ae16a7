import type { Labels } from "@narthex/model";
import { type DecodedBytes, SampleColumns, type SeriesSet } from "@narthex/storage";
import type { BlockSelection } from "./block-selection.ts";
import { BlockSeries } from "./block-series.ts";
import type { DecodedChunks } from "./decoded-chunks.ts";
import { mergeLabels } from "./merge-labels.ts";
import { mergeRuns } from "./merge-runs.ts";

/** Estimated size of a label set in bytes: the object, its list and its share of the texts. */
const LABELS_BYTES = 300;
/** Size of the times and the reference of a chunk, bytes. */
const CHUNK_BYTES = 28;

const EVER = { minTime: -Infinity, maxTime: Infinity };

/** Options for reading the series that were selected from several blocks. */
interface ReadingParts {
  readonly decoded: DecodedChunks;
  readonly bytes: DecodedBytes;
  /**
   * Time range in which each part of the selection is read; `maxTime` is exclusive. Undefined means the part's whole
   * range.
   */
  readonly ranges?: readonly { readonly minTime: number; readonly maxTime: number }[];
}

/**
 * The selected series of several blocks. Each label set occurs once. The series can be read for any range within the
 * selection's range.
 */
export class BlocksSelection {
  readonly parts: readonly BlockSelection[];
  readonly labels: readonly Labels[];
  readonly places: readonly Uint32Array[];

  /**
   * @param parts selections from blocks, in order of precedence: if several have a sample with the same time, the
   * sample of the first is used
   */
  constructor(parts: readonly BlockSelection[]) {
    this.parts = parts;
    const { labels, positions } = mergeLabels(parts.map((part) => part.labels));
    this.labels = labels;
    this.places = positions;
  }

  /** Approximate size in memory, bytes. */
  get bytes(): number {
    return this.parts.reduce(
      (sum, { labels, chunks }) => sum + labels.length * LABELS_BYTES + chunks.count * CHUNK_BYTES,
      0,
    );
  }

  /**
   * Returns the series that have a chunk overlapping [from, to]. Reads no samples outside [minTime, maxTime], and none
   * outside the range of their block in `ranges`. `bytes` counts the decoded bytes.
   */
  within(
    from: number,
    to: number,
    minTime: number,
    maxTime: number,
    { decoded, bytes, ranges }: ReadingParts,
  ): SeriesSet & Required<Pick<SeriesSet, "readAggregates">> {
    const visible = this.#visible(from, to, ranges);
    const labels = visible === undefined ? this.labels : Array.from(visible, (index) => this.labels[index]!);
    const { places, parts } = this;
    const readers = parts.map((part) => new BlockSeries(part, decoded, bytes));
    const scratch = new SampleColumns(0);
    const starts = parts.map((_, i) => Math.max(minTime, ranges?.[i]?.minTime ?? -Infinity));
    const ends = parts.map((_, i) => Math.min(maxTime, (ranges?.[i]?.maxTime ?? Infinity) - 1));
    return {
      labels,
      warnings: [],
      read(index, readFrom, readTo, into) {
        const series = visible === undefined ? index : visible[index]!;
        into.reset();
        decoded.begin();
        for (let i = 0; i < readers.length; i++) {
          const place = places[i]![series]!;
          if (place === 0) continue;
          const { count } = into;
          readers[i]!.append(place - 1, Math.max(readFrom, starts[i]!), Math.min(readTo, ends[i]!), into);
          mergeRuns(into, count, scratch);
        }
      },
      readSpans(index, readFrom, readTo, into) {
        const series = visible === undefined ? index : visible[index]!;
        into.reset();
        decoded.begin();
        for (let i = 0; i < readers.length; i++) {
          const place = places[i]![series]!;
          if (place === 0) continue;
          const { count } = into;
          const from = Math.max(readFrom, starts[i]!);
          const to = Math.min(readTo, ends[i]!);
          if (!readers[i]!.addSpans(place - 1, from, to, into) || !into.risesAt(count)) return false;
        }
        return true;
      },
      // Reads the rows of aggregates of a series from all blocks. If blocks overlap in time, the rows of the first
      // block are used.
      readAggregates(index, readFrom, readTo, into) {
        const series = visible === undefined ? index : visible[index]!;
        into.reset();
        for (let i = 0; i < readers.length; i++) {
          const place = places[i]![series]!;
          if (place === 0) continue;
          const end = into.rows === 0 ? -Infinity : into.time[into.rows - 1]!;
          const [start, stop] = [Math.max(readFrom, starts[i]!, end + 1), Math.min(readTo, ends[i]!)];
          if (start > stop) continue;
          const { rows } = into;
          if (!readers[i]!.appendAggregates(place - 1, start, stop, into)) return false;
          const { resolutionMs } = parts[i]!.block.meta.downsampled!;
          if (into.rows > rows && resolutionMs > into.resolutionMs) into.resolutionMs = resolutionMs;
        }
        return true;
      },
      readChunks(index, readFrom, readTo, into) {
        const series = visible === undefined ? index : visible[index]!;
        into.reset();
        for (let i = 0; i < readers.length; i++) {
          const place = places[i]![series]!;
          if (place === 0) continue;
          readers[i]!.addChunks(place - 1, Math.max(readFrom, starts[i]!), Math.min(readTo, ends[i]!), into);
        }
        return into.rises;
      },
    };
  }

  /** Returns the indexes of the series that have a chunk in the time range. Undefined if all series have one. */
  #visible(from: number, to: number, ranges: ReadingParts["ranges"]): Uint32Array | undefined {
    const { parts, places } = this;
    const found = new Uint32Array(this.labels.length);
    let count = 0;
    for (let series = 0; series < found.length; series++) {
      for (let i = 0; i < parts.length; i++) {
        const place = places[i]![series]!;
        if (place === 0) continue;
        const { minTime, maxTime } = ranges?.[i] ?? EVER;
        if (!parts[i]!.chunks.reach(place - 1, Math.max(from, minTime), Math.min(to, maxTime - 1))) continue;
        found[count++] = series;
        break;
      }
    }
    return count === found.length ? undefined : found.slice(0, count);
  }
}
