import { textOf } from "../byte-text.ts";
import { ENTRY_SERIES, type EntryKind } from "../entries.ts";
import type { MetricType } from "../family.ts";
import { OpenMetricsReader } from "./openmetrics.ts";
import { ExpositionError } from "../problem.ts";

const SUFFIX = "_created";

/** Families of these types say in `_created` lines when they began to count. */
const COUNTING: ReadonlySet<MetricType> = new Set(["counter", "histogram", "summary"]);

/** The label that tells the series of one metric apart. */
const PART_LABELS: Partial<Record<MetricType, string>> = { histogram: "le", summary: "quantile" };

/** The next `_created` line, good for series whose lines end in [from, to]. */
interface Found {
  readonly from: number;
  readonly to: number;
  /** Of its metric; undefined: the family has none any more. */
  readonly key: string | undefined;
  readonly start: number;
}

const NOTHING: Found = { from: 0, to: -1, key: undefined, start: 0 };

/**
 * Reads OpenMetrics with the `_created` lines of counters, histograms and summaries taken as what they are: they are no
 * series, but say when the series before them began. Such a line stands behind the series of its metric, so a second
 * reader looks ahead, over each line once. As upstream, it is the next such line of the family or none. The
 * predictor must not tell of many lines at once.
 */
export class CreatedLinesReader extends OpenMetricsReader {
  startTimestamp = 0;
  #familyLength = 0;
  #found = NOTHING;
  /** The metric that has been found to begin at `startTimestamp`. */
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
    // The line at hand is at fault, and so is what would follow.
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

  /** Reads one series line; false if none stands. */
  #step(): boolean {
    try {
      return super.next() === ENTRY_SERIES && this.lineEnd >= 0;
    } catch (error) {
      if (error instanceof ExpositionError) return false;
      throw error;
    }
  }

  /** The metric that the series at hand belongs to: its name as far as `nameEnd`, and its labels as they are written. */
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
