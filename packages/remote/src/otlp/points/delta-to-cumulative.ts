import { WireReader } from "@narthex/bytes";
import type { Clock, Steps } from "@narthex/runtime";
import type { ByteRun } from "./byte-run.ts";
import { addBuckets, type ExponentialDelta } from "./delta-buckets.ts";

/**
 * Time in ms after which a stream without new data points is forgotten. Also the interval of the search for such
 * streams.
 */
const SILENT_MS = 5 * 60_000;
const SWEEP_INTERVAL_MS = 60_000;

/** A data point of delta temporality, which is the change since the previous point of its stream. */
export interface Delta {
  /** Start of the period that the point covers, ns since 1970. `time` is its end, in the same unit. */
  readonly start: bigint;
  readonly time: bigint;
  readonly flags: number;
}

export interface NumberDelta extends Delta {
  readonly value: number;
  readonly isInteger: boolean;
}

export interface HistogramDelta extends Delta {
  readonly bounds: Float64Array;
  readonly counts: Float64Array;
  readonly count: number;
  /** Sum of the observations, or undefined if the data point has no sum. */
  readonly sum: number | undefined;
}

/** Sum of all data points that a stream has had so far. Start and flags come from the first data point. */
export type Summed<D extends Delta> = D & {
  /** Number of data points in the sum. */
  readonly points: number;
};

interface Stream {
  sum: Summed<Delta>;
  /** Time when the last data point arrived, monotonic ms. */
  seenAt: number;
  /** Sequence number of the last request that had a data point of the stream. */
  seenBy: number;
}

type Streams = Map<string, Stream>;

/**
 * Records that a request changed a stream. `before` is the stream's state before the request; undefined for a new
 * stream.
 */
interface Change {
  readonly streams: Streams;
  readonly attributes: string;
  readonly before: Pick<Stream, "sum" | "seenAt"> | undefined;
}

/** Number of changes that are undone between two reads of the clock. */
const CHANGES_PER_STEP = 4096;

/**
 * Adds up data points of delta temporality in memory, from the start of the server on. A stream of points is identified
 * by its resource, scope, metric and attributes.
 */
export class DeltaToCumulative {
  readonly #clock: Clock;
  readonly #metrics = new Map<string, Streams>();
  #sweptAt: number;
  #request = 0;
  #changes: Change[] = [];
  /** Keys of metrics that the current request has sent for the first time. */
  #newMetrics: string[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#sweptAt = clock.monotonic();
  }

  /** Begins a request. Its data points only count if keep() is called at the end of the request. */
  begin(): void {
    this.#request++;
    const now = this.#clock.monotonic();
    if (now - this.#sweptAt < SWEEP_INTERVAL_MS) return;
    this.#sweptAt = now;
    for (const [key, streams] of this.#metrics) {
      for (const [attributes, { seenAt }] of streams) if (now - seenAt > SILENT_MS) streams.delete(attributes);
      if (streams.size === 0) this.#metrics.delete(key);
    }
  }

  /** Ends a successful request. Makes the request's changes to the streams permanent. */
  keep(): void {
    this.#changes = [];
    this.#newMetrics = [];
  }

  /** Undoes all changes of a refused request, including the times of the streams' last use. */
  *takeBack(): Steps<void> {
    let done = 0;
    for (const { streams, attributes, before } of this.#changes) {
      if (before === undefined) streams.delete(attributes);
      else Object.assign(streams.get(attributes)!, before);
      if (++done % CHANGES_PER_STEP === 0) yield;
    }
    for (const key of this.#newMetrics) {
      this.#metrics.delete(key);
      if (++done % CHANGES_PER_STEP === 0) yield;
    }
    this.keep();
  }

  /**
   * Returns the streams of a metric.
   * @param parts bytes that identify the metric: its resource, its scope and its text fields
   */
  metric(parts: readonly Uint8Array[]): DeltaMetric {
    const key = parts.map((part) => Buffer.from(part).toString("latin1")).join("\u0100");
    let streams = this.#metrics.get(key);
    if (streams === undefined) {
      this.#metrics.set(key, (streams = new Map()));
      this.#newMetrics.push(key);
    }
    return new DeltaMetric(streams, this.#clock.monotonic(), this.#request, this.#changes);
  }
}

export class DeltaMetric {
  readonly #streams: Streams;
  readonly #now: number;
  readonly #request: number;
  readonly #changes: Change[];

  constructor(streams: Streams, now: number, request: number, changes: Change[]) {
    this.#streams = streams;
    this.#now = now;
    this.#request = request;
    this.#changes = changes;
  }

  /** Adds a data point to its stream. Returns the new sum; undefined if the point is older than the sum. */
  number(attributes: ByteRun, point: NumberDelta): Summed<NumberDelta> | undefined {
    return this.#add(attributes, point, (sum) => ({
      ...sum,
      value: (sum.isInteger === point.isInteger ? sum.value : 0) + point.value,
      isInteger: point.isInteger,
    }));
  }

  histogram(attributes: ByteRun, point: HistogramDelta): Summed<HistogramDelta> | undefined {
    return this.#add(attributes, point, (sum) => {
      // Restarts the sum with the current data point, because buckets with different bounds cannot be added.
      if (!isEqual(sum.bounds, point.bounds)) return { ...point, points: 0 };
      return {
        ...sum,
        counts: sum.counts.map((count, i) => count + (point.counts[i] ?? 0)),
        count: sum.count + point.count,
        sum: addSums(sum.sum, point.sum),
      };
    });
  }

  exponential(attributes: ByteRun, point: ExponentialDelta): Summed<ExponentialDelta> | undefined {
    return this.#add(attributes, point, (sum) => ({
      ...sum,
      ...addBuckets(sum, point),
      count: sum.count + point.count,
      sum: addSums(sum.sum, point.sum),
    }));
  }

  #add<D extends Delta>(attributes: ByteRun, point: D, add: (sum: Summed<D>) => Summed<D>): Summed<D> | undefined {
    const key = keyOf(attributes.taken);
    const stream = this.#streams.get(key);
    // The cast is safe, because the kind is part of a metric's identity and all streams of a metric have the same kind.
    const before = stream?.sum as Summed<D> | undefined;
    if (stream !== undefined) this.#see(key, stream);
    if (before === undefined || before.time === 0n) return this.#put(key, stream, { ...point, points: 1 });
    if (point.start < before.start || point.time <= before.time) return undefined;
    const sum = add(before);
    return this.#put(key, stream, { ...sum, time: point.time, points: sum.points + 1 });
  }

  #put<D extends Delta>(attributes: string, stream: Stream | undefined, sum: Summed<D>): Summed<D> {
    if (stream === undefined) {
      this.#changes.push({ streams: this.#streams, attributes, before: undefined });
      this.#streams.set(attributes, { sum, seenAt: this.#now, seenBy: this.#request });
    } else stream.sum = sum;
    return sum;
  }

  /** Records that a stream is active. A data point that is too old to be added also counts. */
  #see(attributes: string, stream: Stream): void {
    if (stream.seenBy !== this.#request) {
      const { sum, seenAt } = stream;
      this.#changes.push({ streams: this.#streams, attributes, before: { sum, seenAt } });
      stream.seenBy = this.#request;
    }
    stream.seenAt = this.#now;
  }
}

const addSums = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined || b === undefined ? undefined : a + b;

const isEqual = (a: Float64Array, b: Float64Array): boolean => a.length === b.length && a.every((v, i) => v === b[i]);

/** Returns a key for attributes that does not depend on their order. */
function keyOf(attributes: Uint8Array): string {
  const wire = new WireReader(attributes);
  const pairs: string[] = [];
  while (wire.tag("KeyValue") !== 0) {
    const end = wire.range();
    pairs.push(Buffer.from(attributes.subarray(wire.start, end)).toString("latin1"));
  }
  return pairs.sort().join("\u0100");
}
