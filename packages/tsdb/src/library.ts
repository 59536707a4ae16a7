import { formatLabels, isLabelName, Labels, Matcher } from "@narthex/model";
import { type LogFields, type Logger, systemClock, TimeSlice } from "@narthex/runtime";
import {
  type Appender,
  checkColumns,
  columnOf,
  countOf,
  createSampleBatch,
  type LabelCondition,
  NO_SERIES,
  OUTCOME_DUPLICATE,
  OUTCOME_FULL,
  OUTCOME_INVALID_HISTOGRAM,
  OUTCOME_OK,
  OUTCOME_OUT_OF_ORDER,
  OUTCOME_TOO_OLD,
  SampleColumns,
  type Series,
  type SeriesData,
  type TimeRange,
} from "@narthex/storage";
import { openTsdb } from "./open-tsdb.ts";
import type { Tsdb } from "./tsdb.ts";

// The published package `@narthex/tsdb`; its part `./internal` is index.ts. Packages of the workspace import index.ts.

export { FolderLockedError } from "./startup/folder-lock.ts";
export type { FloatHistogram } from "@narthex/model";
export type { LabelCondition, Series, SeriesData, TimeRange } from "@narthex/storage";

export interface OpenOptions {
  /**
   * Deletes blocks that end at least this many milliseconds before the newest block. Default 0: deletes no blocks by
   * age.
   */
  readonly retentionMs?: number;
  /** Deletes the oldest blocks if all data takes more than this many bytes. Default 0: deletes no blocks by size. */
  readonly retentionBytes?: number;
  /**
   * Time in milliseconds by which a sample may be older than the newest sample of the database, even if its series has
   * a newer sample. Default 0: the samples of a series must arrive in order.
   */
  readonly outOfOrderWindowMs?: number;
  /** Receives the messages of the database. Default: messages are dropped. */
  readonly log?: (
    level: "debug" | "info" | "warn" | "error",
    message: string,
    fields: Readonly<Record<string, unknown>>,
  ) => void;
}

/** An open folder. */
export interface Database {
  /**
   * Appends samples of one series to the current transaction. The first call after a commit begins a transaction.
   * Samples are visible and durable after commit().
   *
   * Throws a RangeError if the labels or the columns are invalid: then nothing is appended. Throws an AppendError if
   * the database refuses samples: the other samples remain in the transaction.
   *
   * @param series times are whole milliseconds
   */
  append(series: SeriesData): void;
  /** Makes the transaction visible, and writes it to the log. Rejects with the system's error. */
  commit(): Promise<void>;
  /**
   * Returns the series that fulfil all conditions and have samples in the range, sorted by labels. Without conditions,
   * returns all series. Stale markers of Prometheus are samples, too: their value is NaN, or their histogram is
   * `stale`. Rejects if a regular expression is invalid, or if a block cannot be read.
   */
  select(conditions: readonly LabelCondition[], range: TimeRange): Promise<Series[]>;
  /**
   * Writes old samples from the log into blocks, and merges blocks. Call it in short programs only, because the
   * database does the same every minute.
   */
  compact(): Promise<void>;
  /** Drops an uncommitted transaction and releases the folder. A second call does nothing. */
  close(): Promise<void>;
}

/** Reason why the database refuses a sample. */
export type RefusalKind =
  | "out-of-order"
  | "duplicate"
  | "too-old"
  | "invalid-histogram"
  /** The database has no room for more series or samples in memory. */
  | "full";

/** Error that the database refused samples of a series. */
export class AppendError extends Error {
  override readonly name = "AppendError";
  /** Reason for the first refused sample. */
  readonly kind: RefusalKind;
  readonly refused: number;

  constructor(kind: RefusalKind, refused: number, message: string) {
    super(message);
    this.kind = kind;
    this.refused = refused;
  }
}

/**
 * Opens a folder in the format of Prometheus, or creates it, and reads its log. One process can have a folder open.
 *
 * Rejects with a FolderLockedError if another process has it, or with the system's error.
 *
 * ```ts
 * const db = await open("data");
 * db.append({ labels: { __name__: "up", job: "api" }, times: [Date.now()], values: [1] });
 * await db.commit();
 * await db.close();
 * ```
 */
export async function open(folder: string, options: OpenOptions = {}): Promise<Database> {
  const db = await openTsdb(folder, {
    clock: systemClock,
    logger: new FunctionLogger(options.log ?? (() => {})),
    retentionMs: options.retentionMs ?? 0,
    retentionBytes: options.retentionBytes,
    outOfOrderTimeWindowMs: options.outOfOrderWindowMs,
  });
  return new LibraryDatabase(db);
}

type Log = NonNullable<OpenOptions["log"]>;

/** Logger that passes messages to the user's function. */
class FunctionLogger implements Logger {
  readonly #log: Log;
  readonly #common: LogFields;

  constructor(log: Log, common: LogFields = {}) {
    this.#log = log;
    this.#common = common;
  }

  debug(message: string, fields?: LogFields): void {
    this.#log("debug", message, { ...this.#common, ...fields });
  }

  info(message: string, fields?: LogFields): void {
    this.#log("info", message, { ...this.#common, ...fields });
  }

  warn(message: string, fields?: LogFields): void {
    this.#log("warn", message, { ...this.#common, ...fields });
  }

  error(message: string, fields?: LogFields): void {
    this.#log("error", message, { ...this.#common, ...fields });
  }

  child(fields: LogFields): Logger {
    return new FunctionLogger(this.#log, { ...this.#common, ...fields });
  }
}

const REFUSALS: Readonly<Record<number, readonly [RefusalKind, string]>> = {
  [OUTCOME_OUT_OF_ORDER]: ["out-of-order", "the series has a newer sample"],
  [OUTCOME_DUPLICATE]: ["duplicate", "the series has another value at this time"],
  [OUTCOME_TOO_OLD]: ["too-old", "the database no longer accepts samples of this time"],
  [OUTCOME_INVALID_HISTOGRAM]: ["invalid-histogram", "the counts and spans of the histogram contradict each other"],
};

class LibraryDatabase implements Database {
  readonly #db: Tsdb;
  #transaction: Appender | undefined;
  #closed = false;

  constructor(db: Tsdb) {
    this.#db = db;
  }

  append(series: SeriesData): void {
    this.#checkOpen();
    const labels = checked(series);
    const appender = (this.#transaction ??= this.#db.appendable.appender());
    const { times } = series;
    const ref = appender.series(labels);
    const outcomes =
      ref === NO_SERIES ? new Uint8Array(times.length).fill(OUTCOME_FULL) : appended(appender, ref, series);
    const first = outcomes.findIndex((outcome) => outcome !== OUTCOME_OK);
    if (first === -1) return;
    const refused = outcomes.reduce((count, outcome) => (outcome === OUTCOME_OK ? count : count + 1), 0);
    const [kind, reason] = REFUSALS[outcomes[first]!] ?? ["full", appender.refusal ?? "the head has no room"];
    const counted = `${refused} of ${times.length} samples of ${formatLabels(labels)} were refused`;
    throw new AppendError(kind, refused, `${counted}, the first at ${times[first]}: ${reason}`);
  }

  async commit(): Promise<void> {
    this.#checkOpen();
    const transaction = this.#transaction;
    this.#transaction = undefined;
    await transaction?.commit();
  }

  async select(conditions: readonly LabelCondition[], { start, end, signal }: TimeRange): Promise<Series[]> {
    this.#checkOpen();
    const matchers = conditions.map(({ type, name, value }) => new Matcher(type, name, value));
    const querier = this.#db.queryable.querier(start, end);
    try {
      const set = await querier.select(matchers, { start, end, ...(signal && { signal }) });
      const found: Series[] = [];
      const slice = new TimeSlice(systemClock);
      const samples = new SampleColumns();
      for (let i = 0; i < countOf(set); i++) {
        signal?.throwIfAborted();
        set.read(i, start, end, samples);
        if (samples.count > 0) found.push(plainSeries(set.labels[i]!, samples));
        await slice.yieldToEventLoop();
      }
      return found;
    } finally {
      querier.close();
    }
  }

  async compact(): Promise<void> {
    this.#checkOpen();
    await this.#db.compactNow();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#transaction?.rollback();
    this.#transaction = undefined;
    await this.#db.close();
  }

  #checkOpen(): void {
    if (this.#closed) throw new Error("the database is closed; open the folder again");
  }
}

/** Checks the labels and samples of a series. Returns the labels. Throws a RangeError if a part is invalid. */
function checked(series: SeriesData): Labels {
  const labels = Labels.of(series.labels);
  const bad = labels.names().find((name) => !isLabelName(name));
  if (labels.size === 0 || bad !== undefined)
    throw new RangeError(
      bad === undefined ? "a series needs a label" : `invalid name of a label: ${JSON.stringify(bad)}`,
    );
  checkColumns(series);
  for (let i = 0; i < series.times.length; i++)
    if (!Number.isSafeInteger(series.times[i]))
      throw new RangeError(`times are whole milliseconds, but slot ${i} is ${series.times[i]}`);
  return labels;
}

/** Appends all samples of a series. Returns an outcome for each sample. */
function appended(appender: Appender, ref: number, { times, values, histograms }: SeriesData): Uint8Array {
  const outcomes = new Uint8Array(times.length);
  if (histograms === undefined) {
    const batch = { ...createSampleBatch(0), refs: new Uint32Array(times.length).fill(ref), outcomes };
    appender.append({ ...batch, timestamps: columnOf(times), values: columnOf(values), count: times.length });
    return outcomes;
  }
  const column = columnOf(values);
  const one = createSampleBatch(1);
  for (let i = 0; i < times.length; i++) {
    const histogram = histograms[i];
    if (histogram !== undefined) {
      outcomes[i] = appender.appendHistogram(ref, times[i]!, histogram);
      continue;
    }
    one.refs[0] = ref;
    one.timestamps[0] = times[i]!;
    one.values.set(column.subarray(i, i + 1));
    one.count = 1;
    appender.append(one);
    outcomes[i] = one.outcomes[0]!;
  }
  return outcomes;
}

const plainSeries = (labels: Labels, { timestamps, values, histograms, count }: SampleColumns): Series => ({
  labels: Object.fromEntries(labels),
  times: timestamps.slice(0, count),
  values: values.slice(0, count),
  ...(histograms !== undefined && { histograms: Array.from({ length: count }, (_, i) => histograms[i]) }),
});
