import { AnswerLimitError } from "@narthex/http/answer";
import { compareBytewise, type Labels, type Matcher } from "@narthex/model";
import { QueryError } from "@narthex/promql";
import { runInTimeSlices, sortedInSteps, systemClock } from "@narthex/runtime";
import {
  DecodedBytes,
  type LabelHints,
  type Querier,
  type Queryable,
  type SelectHints,
  type SeriesSet,
} from "@narthex/storage";
import { clockTelling, waitedRead } from "../remote-read/source/waited-read.ts";
import type { RemoteAnswer, RemoteReader, RemoteSelection, WantedData } from "../remote-read/source/remote-reader.ts";
import {
  readStoreLabelSets,
  readStoreSamples,
  readStoreWords,
  type StoreSelection,
} from "./answer/read-store-answer.ts";

/** Name of the store in warnings. */
export const LONG_TERM_STORE = "long_term_store";

/** Maximum memory in bytes for label names or values from the store. */
const MAX_WORD_BYTES = 64 * 1024 * 1024;

const setOf = (labels: readonly Labels[], warnings: readonly string[]): SeriesSet => ({
  labels,
  warnings,
  read: (_index, _minTime, _maxTime, into) => into.reset(),
});

/**
 * Returns a storage that reads from the long-term store. If the store fails, a query still succeeds, with a warning.
 */
export const longTermQueryable = (reader: RemoteReader): Queryable => ({
  querier: (minTime, maxTime) => new LongTermQuerier(reader, minTime, maxTime),
});

/** Returns a function that takes memory, up to `most` bytes in total. */
function boundedBy(most: number, memory: LabelHints["memory"]): (bytes: number) => void {
  let taken = 0;
  return (bytes) => {
    if ((taken += bytes) > most) throw new AnswerLimitError(`the response needs more than ${most} bytes`);
    memory?.take(bytes);
  };
}

/** Data from the long-term store. The data is empty if the store failed. */
interface StoreResult<T> {
  readonly value: T | undefined;
  readonly warnings: readonly string[];
}

class LongTermQuerier implements Querier {
  readonly #reader: RemoteReader;
  readonly #minTime: number;
  readonly #maxTime: number;
  readonly #warnings = new Set<string>();
  readonly #decoded = new DecodedBytes();

  constructor(reader: RemoteReader, minTime: number, maxTime: number) {
    this.#reader = reader;
    this.#minTime = minTime;
    this.#maxTime = maxTime;
  }

  /** Warnings about label names and values. Each set of series has its own warnings. */
  get warnings(): readonly string[] {
    return [...this.#warnings];
  }

  get bytesRead(): number {
    return this.#decoded.count;
  }

  async select(matchers: readonly Matcher[], hints: SelectHints): Promise<SeriesSet> {
    const start = Math.max(this.#minTime, hints.start);
    const end = Math.min(this.#maxTime, hints.end);
    if (start > end) return setOf([], []);
    const clock = clockTelling(hints.waits);
    const selection = { start, end, matchers, clock, take: (bytes: number) => hints.memory?.take(bytes) };
    const { limit = 0 } = hints;
    // Requests only labels for a list of series, because such a list needs no samples.
    if (hints.func === "series") {
      const result = await this.#request({ kind: "series", limit }, selection, hints, async (answer) => {
        const { series, warnings } = await readStoreLabelSets(answer, selection);
        return { value: (await series.toSet([])).labels, warnings, samples: 0 };
      });
      return setOf(result.value ?? [], result.warnings);
    }
    const result = await this.#request({ kind: "samples" }, selection, hints, async (answer) => {
      const { series, warnings } = await readStoreSamples(answer, selection, this.#decoded);
      return { value: series, warnings, samples: series.samples };
    });
    return result.value?.toSet(result.warnings, selection, clock) ?? setOf([], result.warnings);
  }

  labelNames(matchers: readonly Matcher[], hints: LabelHints = {}): Promise<readonly string[]> {
    return this.#words({ kind: "label names", limit: hints.limit ?? 0 }, matchers, hints);
  }

  labelValues(name: string, matchers: readonly Matcher[], hints: LabelHints = {}): Promise<readonly string[]> {
    return this.#words({ kind: "label values", name, limit: hints.limit ?? 0 }, matchers, hints);
  }

  close(): void {}

  async #words(wanted: WantedData, matchers: readonly Matcher[], hints: LabelHints): Promise<readonly string[]> {
    const { memory, limit = 0 } = hints;
    const take = boundedBy(MAX_WORD_BYTES, memory);
    const selection = { start: this.#minTime, end: this.#maxTime, matchers, take };
    const result = await this.#request(wanted, selection, hints, async (answer) => {
      const { words, warnings } = await readStoreWords(answer, selection.take);
      const isOurs = (word: string): boolean => wanted.kind === "label values" || !answer.added.includes(word);
      const ours = [...new Set(words.filter(isOurs))];
      const sorted = await runInTimeSlices(systemClock, sortedInSteps(ours, compareBytewise));
      return { value: sorted.slice(0, limit || Infinity), warnings, samples: 0 };
    });
    for (const warning of result.warnings) this.#warnings.add(warning);
    return result.value ?? [];
  }

  async #request<T>(
    wanted: WantedData,
    { start, end, matchers }: StoreSelection,
    hints: Pick<SelectHints, "signal" | "waits">,
    readTo: (
      answer: RemoteAnswer,
    ) => Promise<{ readonly value: T; readonly warnings: readonly string[]; readonly samples: number }>,
  ): Promise<StoreResult<T>> {
    const selection: RemoteSelection = {
      minTime: start,
      maxTime: end,
      matchers: matchers.map(({ type, name, value }) => ({ type, name, value })),
      hints: { start, end, step: 0, range: 0, func: wanted.kind === "series" ? "series" : "" },
      wanted,
    };
    const read = await waitedRead(this.#reader, selection, hints);
    const [answer] = read.answers;
    if (answer === undefined) {
      read.close();
      return { value: undefined, warnings: read.problems };
    }
    const named = (text: string): string => `${answer.server ?? LONG_TERM_STORE}: ${text}`;
    try {
      const { value, warnings, samples } = await readTo(answer);
      read.close({ problem: undefined, samples });
      return { value, warnings: warnings.map(named) };
    } catch (error) {
      hints.signal?.throwIfAborted();
      // Rethrows the error if the query needs too much memory. A failure of the store only becomes a warning.
      if (error instanceof QueryError || !(error instanceof Error)) throw error;
      read.close({ problem: error.message, isOurs: error instanceof AnswerLimitError, samples: 0 });
      return { value: undefined, warnings: [named(error.message)] };
    } finally {
      read.close();
    }
  }
}
