import { textOf } from "../byte-text.ts";
import { ENTRY_SERIES, type EntryKind } from "../entries.ts";
import type { MetricType } from "../family.ts";
import { OpenMetricsReader } from "./openmetrics.ts";
import { ExpositionError } from "../problem.ts";

const SUFFIX = "_created";

/** Types of families that can have `_created` lines. */
const COUNTING: ReadonlySet<MetricType> = new Set(["counter", "histogram", "summary"]);

/** For each family type, the label that distinguishes the series of one metric. */
const PART_LABELS: Partial<Record<MetricType, string>> = { histogram: "le", summary: "quantile" };

/**
 * The next `_created` line. The line gives the start time of all series whose lines end between `from` and `to`, both
 * included.
 */
interface Found {
  readonly from: number;
  readonly to: number;
  /** Key of the metric that the line belongs to. Undefined if the family has no further `_created` line. */
  readonly key: string | undefined;
  readonly start: number;
}

const NOTHING: Found = { from: 0, to: -1, key: undefined, start: 0 };

/**
 * Reads OpenMetrics. The `_created` lines of counters, histograms and summaries are read as start times of the
 * preceding series, not as series. A `_created` line comes after the series of its metric, so a second reader looks
 * ahead; it reads each line once. As in Prometheus, only the next `_created` line of the family is used. The predictor
 * must not return several lines at once.
 */
export class CreatedLinesReader extends OpenMetricsReader {
  startTimestamp = 0;
  #familyLength = 0;
  #found = NOTHING;
  /** Key of the metric to which `startTimestamp` belongs. */
  #key: string | undefined;
  #scout: CreatedLinesReader | undefined;

  override next(): EntryKind {
    for (;;) {
      const kind = super.next();
      if (kind !== ENTRY_SERIES) {
        this.#familyLength = this.nameEnd - this.nameStart;
        return kind;
      }
      if (!COUNTING.has(this.type)) {
        this.#key = undefined;
        this.startTimestamp = 0;
        return kind;
      }
      if (this.predicted) this.findLabels();
      if (this.#isCreated()) continue;
      this.startTimestamp = this.#start();
      return kind;
    }
  }

  #start(): number {
    const key = this.#keyOf(this.nameStart + this.#familyLength);
    if (key === this.#key && this.startTimestamp > 0) return this.startTimestamp;
    const { lineEnd } = this;
    if (lineEnd < this.#found.from || lineEnd > this.#found.to) this.#found = this.#lookAhead();
    const found = this.#found.key === key;
    this.#key = found ? key : undefined;
    return found ? this.#found.start : 0;
  }

  #isCreated(): boolean {
    const from = this.nameEnd - SUFFIX.length;
    return from >= this.nameStart && textOf(this.bytes, from, this.nameEnd) === SUFFIX;
  }

  #lookAhead(): Found {
    const { lineEnd: from } = this;
    // Reads no further lines, because the current line is invalid.
    if (from < 0) return NOTHING;
    const scout = (this.#scout ??= new CreatedLinesReader(this.bytes));
    scout.at = from;
    scout.type = this.type;
    for (;;) {
      const to = scout.at;
      if (!scout.#step()) return { from, to, key: undefined, start: 0 };
      if (!scout.#isCreated()) continue;
      const start = Math.trunc(scout.value * 1000);
      const key = scout.#keyOf(scout.nameEnd - SUFFIX.length);
      return { from, to, key, start: Number.isSafeInteger(start) ? start : 0 };
    }
  }

  /** Reads one series line. Returns false if the next line is not a series. */
  #step(): boolean {
    try {
      return super.next() === ENTRY_SERIES && this.lineEnd >= 0;
    } catch (error) {
      if (error instanceof ExpositionError) return false;
      throw error;
    }
  }

  /** Returns a key of the current series' metric: the name up to `nameEnd`, and the labels as written in the body. */
  #keyOf(nameEnd: number): string {
    const { bytes, offsets } = this;
    const part = PART_LABELS[this.type];
    let key = textOf(bytes, this.nameStart, nameEnd);
    for (let i = 0; i < offsets.length; i += 4) {
      const name = textOf(bytes, offsets[i]!, offsets[i + 1]!);
      if (name !== part) key += `\n${name}\n${textOf(bytes, offsets[i + 2]!, offsets[i + 3]!)}`;
    }
    return key;
  }
}
