import type { Matcher } from "@narthex/model";
import {
  DecodedBytes,
  type LabelHints,
  type Querier,
  type Queryable,
  type SelectHints,
  type SeriesSet,
} from "@narthex/storage";
import { QueryError } from "@narthex/promql";
import { readAnswer } from "./read-answer.ts";
import type { RemoteReader, RemoteSelection } from "./remote-reader.ts";
import { RemoteSeries } from "./remote-series.ts";
import { clockTelling, waitedRead } from "./waited-read.ts";

/** Name of the other servers in warnings. */
export const REMOTE_READ = "remote_read";

const EMPTY: SeriesSet = { labels: [], warnings: [], read: (_index, _minTime, _maxTime, into) => into.reset() };

/**
 * Returns a storage that reads from other servers. Does not request names and values of labels, because remote read
 * only supports samples.
 */
export const remoteReadQueryable = (reader: RemoteReader): Queryable => ({
  querier: (minTime, maxTime) => new RemoteReadQuerier(reader, minTime, maxTime),
});

class RemoteReadQuerier implements Querier {
  readonly #reader: RemoteReader;
  readonly #minTime: number;
  readonly #maxTime: number;
  readonly #decoded = new DecodedBytes();
  #warnings: readonly string[] = [];

  constructor(reader: RemoteReader, minTime: number, maxTime: number) {
    this.#reader = reader;
    this.#minTime = minTime;
    this.#maxTime = maxTime;
  }

  get warnings(): readonly string[] {
    return this.#warnings;
  }

  get bytesRead(): number {
    return this.#decoded.count;
  }

  async select(matchers: readonly Matcher[], hints: SelectHints): Promise<SeriesSet> {
    if (this.#reader.endpoints === 0) return EMPTY;
    const read = await waitedRead(this.#reader, this.#selectionOf(matchers, hints), hints);
    const clock = clockTelling(hints.waits);
    try {
      const all = new RemoteSeries(this.#decoded);
      const problems = read.problems.map((problem) => `${REMOTE_READ}: ${problem}`);
      for (const answer of read.answers) {
        try {
          const series = new RemoteSeries(this.#decoded);
          await readAnswer(answer, series, (bytes) => hints.memory?.take(bytes), clock);
          all.addAll(series);
        } catch (error) {
          hints.signal?.throwIfAborted();
          // Rethrows the error if the query needs too much memory. A failure of a server only becomes a warning.
          if (error instanceof QueryError || !(error instanceof Error)) throw error;
          problems.push(error.message);
        }
      }
      return await all.toSet([...new Set(problems)], undefined, clock);
    } finally {
      read.close();
    }
  }

  labelNames(_matchers: readonly Matcher[], _hints?: LabelHints): Promise<readonly string[]> {
    return this.#noLabels();
  }

  labelValues(_name: string, _matchers: readonly Matcher[], _hints?: LabelHints): Promise<readonly string[]> {
    return this.#noLabels();
  }

  close(): void {}

  async #noLabels(): Promise<readonly string[]> {
    const isNeeded = this.#reader.endpoints > 0 && (await this.#reader.concerns(this.#minTime, this.#maxTime));
    if (isNeeded) this.#warnings = ["not implemented"];
    return [];
  }

  #selectionOf(matchers: readonly Matcher[], { start, end, step, range, func }: SelectHints): RemoteSelection {
    return {
      minTime: this.#minTime,
      maxTime: this.#maxTime,
      matchers: matchers.map(({ type, name, value }) => ({ type, name, value })),
      hints: { start, end, step: step ?? 0, range: range ?? 0, func: func ?? "" },
    };
  }
}
