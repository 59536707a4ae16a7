import { uvarintSize } from "@narthex/bytes";
import { METRIC_NAME } from "@narthex/model";
import type { Steps } from "@narthex/runtime";
import type { Head } from "../head/head.ts";

/** A name and its count, as in the lists of the endpoint /status/tsdb. */
interface NamedCount {
  readonly name: string;
  readonly value: number;
}

/** Content of the API endpoint /status/tsdb. Times are in ms; Infinity and -Infinity if the head is empty. */
export interface HeadStats {
  readonly headStats: {
    readonly numSeries: number;
    readonly numLabelPairs: number;
    readonly chunkCount: number;
    readonly minTime: number;
    readonly maxTime: number;
  };
  readonly seriesCountByMetricName: readonly NamedCount[];
  readonly labelValueCountByLabelName: readonly NamedCount[];
  readonly memoryInBytesByLabelName: readonly NamedCount[];
  readonly seriesCountByLabelValuePair: readonly NamedCount[];
}

/** Number of label pairs that are counted between two yields to other work. */
const PAIRS_PER_STEP = 1024;

/** Collects the `limit` entries with the largest values. */
class Largest {
  readonly #limit: number;
  #entries: { name: () => string; value: number }[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Adds an entry. `name` is called only for entries that remain in the result. */
  add(value: number, name: () => string): void {
    this.#entries.push({ name, value });
    if (this.#entries.length > this.#limit * 2 + 64) this.#cut();
  }

  list(): NamedCount[] {
    this.#cut();
    return this.#entries.map(({ name, value }) => ({ name: name(), value }));
  }

  #cut(): void {
    this.#entries.sort((a, b) => b.value - a.value);
    this.#entries.length = Math.min(this.#entries.length, this.#limit);
  }
}

/**
 * Counts the head's series by metric name, label name and label pair, in steps. Each list has the `limit` largest
 * counts, largest first. The head's memory must be pinned until the last step.
 */
export function* headStats(head: Head, limit: number): Steps<HeadStats> {
  const { postings, symbols } = head.memory;
  const byMetric = new Largest(limit);
  const byLabel = new Largest(limit);
  const byMemory = new Largest(limit);
  const byPair = new Largest(limit);
  let seen = 0;
  for (const name of postings.names) {
    const label = symbols.text(name.symbol);
    // Computes the size as Prometheus does: each series adds the bytes of the label's name and value, each with its
    // length prefix.
    const nameBytes = symbols.sizeOf(name.symbol) + uvarintSize(symbols.sizeOf(name.symbol));
    let bytes = 0;
    for (const pair of postings.pairsOf(name)) {
      const value = postings.value[pair]!;
      const count = postings.count[pair]!;
      bytes += (nameBytes + symbols.sizeOf(value) + uvarintSize(symbols.sizeOf(value))) * count;
      byPair.add(count, () => `${label}=${symbols.text(value)}`);
      if (label === METRIC_NAME) byMetric.add(count, () => symbols.text(value));
      if (++seen % PAIRS_PER_STEP === 0) yield;
    }
    byLabel.add(name.pairCount, () => label);
    byMemory.add(bytes, () => label);
  }
  return {
    headStats: {
      numSeries: head.memory.series.count,
      numLabelPairs: postings.pairCount,
      chunkCount: chunkCount(head),
      minTime: head.minTime,
      maxTime: head.maxTime,
    },
    seriesCountByMetricName: byMetric.list(),
    labelValueCountByLabelName: byLabel.list(),
    memoryInBytesByLabelName: byMemory.list(),
    seriesCountByLabelValuePair: byPair.list(),
  };
}

/** Returns the number of closed and open chunks. */
export function chunkCount(head: Head): number {
  const { created } = head.floats;
  return created + head.histogramChunks.created - head.counters.chunksRemoved;
}
