import { compareBytewise, type FloatHistogram, METRIC_NAME, parseGoFloat } from "@narthex/model";
import {
  ENTRY_HISTOGRAM,
  ENTRY_MORE,
  ENTRY_NOTHING,
  ENTRY_SERIES,
  ENTRY_TYPE,
  type EntryKind,
  type EntryReader,
  type ExposedExemplar,
} from "../entries.ts";
import type { MetricType } from "../family.ts";
import { ClassicParts } from "./classic-parts.ts";

const PARTS = /^(.*)_(bucket|sum|count)$/s;
const encoder = new TextEncoder();
const NO_EXEMPLARS: readonly ExposedExemplar[] = [];

/** A series, and the part of a classic histogram that the suffix of its name indicates. */
interface PartOf {
  /** Part of a classic histogram that the suffix of the series' name indicates. Undefined without such a suffix. */
  readonly part: "bucket" | "sum" | "count" | undefined;
  /** Name of the series without a suffix such as `_bucket`. */
  readonly name: string;
  /**
   * Key of the label set: `__name__`, the name without its suffix, and the other labels except `le`, joined and sorted
   * by name.
   */
  readonly key: string;
  /** Key of the label set like `key`, but with the full name of the series. */
  readonly ownKey: string;
  readonly labels: readonly string[];
  /** The value of the label `le`, or NaN if it is missing or not a number. */
  readonly bound: number;
}

/**
 * Reads classic histograms as native histograms with custom buckets. Consecutive `_bucket`, `_sum` and `_count` series
 * of one label set become one histogram entry, which is returned when another entry begins. The classic series are
 * removed unless `keepClassic`, and their exemplars are moved to the histogram. Other entries are returned unchanged.
 * The inner reader must not have a predictor.
 */
export class NhcbReader implements EntryReader {
  readonly #inner: EntryReader;
  readonly #keepClassic: boolean;
  /** Metric family of the last TYPE entry. */
  #family = "";
  /** The labels of the current series entry, divided as in a classic histogram. Undefined for other entries. */
  #part: PartOf | undefined;
  #parts: ClassicParts | undefined;
  #partsKey = "";
  /**
   * Key of the labels of the last exponential histogram. Classic series with equal labels may follow the histogram, and
   * are not converted.
   */
  #exponentialKey: string | undefined;
  #comments = 0;
  /** Whether the previous histogram was ended by a comment, and not by the current series. */
  #commented = false;
  /** Whether the current series is part of the classic histogram that is being collected. */
  #collected = false;
  /** Entry that the inner reader has already read, and that is returned after the current histogram. */
  #held: EntryKind | undefined;
  #emitting:
    | {
        readonly histogram: FloatHistogram;
        readonly parts: ClassicParts;
        readonly key: Uint8Array;
        readonly timestamp: number;
      }
    | undefined;

  constructor(inner: EntryReader, keepClassic: boolean) {
    this.#inner = inner;
    this.#keepClassic = keepClassic;
  }

  next(): EntryKind {
    this.#emitting = undefined;
    for (;;) {
      let kind = this.#held;
      this.#held = undefined;
      if (kind === undefined) {
        const { timestamp } = this.#inner;
        kind = this.#inner.next();
        if (kind === ENTRY_NOTHING || kind === ENTRY_MORE) return kind;
        this.#part = kind === ENTRY_SERIES ? partOf(this.#inner.labels()) : undefined;
        if (this.#endsParts() && this.#finish(this.#commented ? timestamp : this.#inner.timestamp)) {
          this.#held = kind;
          return ENTRY_HISTOGRAM;
        }
      }
      this.#collected = this.#pass(kind);
      if (!this.#collected || this.#keepClassic) return kind;
    }
  }

  /** Reports whether the next entry is not part of the classic histogram that is being collected. */
  #endsParts(): boolean {
    const { comments = 0 } = this.#inner;
    this.#commented = comments !== this.#comments;
    this.#comments = comments;
    if (this.#parts === undefined) return false;
    return (
      this.#commented || this.#part === undefined || this.type !== "histogram" || this.#part.key !== this.#partsKey
    );
  }

  #pass(kind: EntryKind): boolean {
    if (kind === ENTRY_TYPE) this.#family = this.#inner.familyName();
    else if (kind === ENTRY_HISTOGRAM) this.#exponentialKey = partOf(this.#inner.labels()).ownKey;
    const part = this.#part;
    if (part === undefined) return false;
    if (this.#exponentialKey !== undefined) {
      if (this.type === "histogram" && part.key === this.#exponentialKey) return false;
      this.#exponentialKey = undefined;
    }
    return this.#collect(part);
  }

  #collect({ part, name, key, labels, bound }: PartOf): boolean {
    if (part === undefined || this.type !== "histogram" || name !== this.#family) return false;
    if (part === "bucket" && Number.isNaN(bound)) return false;
    if (this.#parts === undefined) {
      this.#parts = new ClassicParts(labels, this.#inner.startTimestamp ?? 0);
      this.#partsKey = key;
    }
    this.#parts.add(part, bound, this.#inner.value, this.#inner.exemplars());
    return true;
  }

  /**
   * Converts the collected classic histogram to a native histogram. Returns false if the classic histogram is invalid.
   */
  #finish(timestamp: number): boolean {
    const parts = this.#parts!;
    this.#parts = undefined;
    const histogram = parts.toHistogram();
    if (histogram === undefined) return false;
    // As in Prometheus, histograms that differ only in labels with empty values are one series.
    const key = encoder.encode(`${parts.labels.join(SEPARATOR)}\ufdd1`);
    this.#emitting = { histogram, parts, timestamp, key };
    return true;
  }

  get seriesBytes(): Uint8Array {
    return this.#emitting?.key ?? this.#inner.seriesBytes;
  }

  get seriesStart(): number {
    return this.#emitting === undefined ? this.#inner.seriesStart : 0;
  }

  get seriesEnd(): number {
    return this.#emitting?.key.length ?? this.#inner.seriesEnd;
  }

  get predicted(): boolean {
    return false;
  }

  get value(): number {
    return this.#inner.value;
  }

  /**
   * Timestamp of the entry. As in Prometheus, a converted histogram has the time of the series that was read last, even
   * if that series only ended the histogram.
   */
  get timestamp(): number {
    return this.#emitting?.timestamp ?? this.#inner.timestamp;
  }

  get startTimestamp(): number {
    return this.#emitting?.parts.startTimestamp ?? this.#inner.startTimestamp ?? 0;
  }

  labels(): string[] {
    return this.#emitting === undefined ? this.#inner.labels() : [...this.#emitting.parts.labels];
  }

  exemplars(): readonly ExposedExemplar[] {
    if (this.#emitting === undefined) return this.#collected ? NO_EXEMPLARS : this.#inner.exemplars();
    // Leaves out exemplars without a timestamp.
    return this.#emitting.parts.exemplars.filter(({ timestamp }) => timestamp !== undefined);
  }

  histogram(): FloatHistogram {
    return this.#emitting?.histogram ?? this.#inner.histogram();
  }

  get metadataBytes(): Uint8Array {
    return this.#inner.metadataBytes;
  }

  get metadataStart(): number {
    return this.#inner.metadataStart;
  }

  get metadataEnd(): number {
    return this.#inner.metadataEnd;
  }

  familyName(): string {
    return this.#inner.familyName();
  }

  text(): string {
    return this.#inner.text();
  }

  get type(): MetricType {
    return this.#inner.type;
  }

  get keptFrom(): number {
    return this.#inner.keptFrom!;
  }

  refill(window: Uint8Array, dropped: number, last: boolean): void {
    this.#inner.refill!(window, dropped, last);
  }
}

const SEPARATOR = "\ufdd0";

const joined = (name: string, rest: readonly string[]): string => [METRIC_NAME, name, ...rest].join(SEPARATOR);

function partOf(exposed: readonly string[]): PartOf {
  const whole = exposed[1] ?? "";
  const found = PARTS.exec(whole);
  const name = found?.[1] ?? whole;
  const pairs: (readonly [string, string])[] = [];
  let bound = NaN;
  for (let i = 2; i < exposed.length; i += 2) {
    if (exposed[i] === "le") bound = parseGoFloat(exposed[i + 1]!) ?? NaN;
    else pairs.push([exposed[i]!, exposed[i + 1]!]);
  }
  const sorted = pairs.toSorted(([a], [b]) => compareBytewise(a, b));
  // A label with an empty value is part of the keys, so it separates histograms. The label is removed from the labels
  // of the histogram.
  const rest = sorted.flat();
  return {
    part: found?.[2] as PartOf["part"],
    name,
    key: joined(name, rest),
    ownKey: joined(whole, rest),
    labels: [METRIC_NAME, name, ...sorted.filter(([, value]) => value !== "").flat()],
    bound,
  };
}
