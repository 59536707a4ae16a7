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

/** A series as a part of a classic histogram. */
interface PartOf {
  /** undefined if the name does not end like a part's. */
  readonly part: "bucket" | "sum" | "count" | undefined;
  /** The name without that end. */
  readonly name: string;
  /** `__name__`, that name, and the other labels but `le`, sorted by name; joined. */
  readonly key: string;
  /** The same with the whole name. */
  readonly ownKey: string;
  readonly labels: readonly string[];
  /** Of a bucket, or NaN if it has none. */
  readonly bound: number;
}

/**
 * Reads classic histograms as native ones with custom buckets: consecutive `_bucket`, `_sum` and `_count` series of one
 * label set become one histogram entry, given out when something else begins. The classic series are left out unless
 * `keepClassic`; their exemplars go to the histogram. Other entries pass through. Wrap a reader that has no predictor.
 */
export class NhcbReader implements EntryReader {
  readonly #inner: EntryReader;
  readonly #keepClassic: boolean;
  /** Family that the last TYPE was about. */
  #family = "";
  /** The series at hand. */
  #part: PartOf | undefined;
  #parts: ClassicParts | undefined;
  #partsKey = "";
  /** Labels of an exponential histogram while its classic form may follow, which is not converted. */
  #exponentialKey: string | undefined;
  #comments = 0;
  /** The histogram before was ended by a comment, not by the current series. */
  #commented = false;
  /** The series at hand has gone into a histogram. */
  #collected = false;
  /** Entry of the inner reader that waits while a histogram is given out. */
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

  /** Does what comes now end the histogram that is being collected? */
  #endsParts(): boolean {
    const { comments = 0 } = this.#inner;
    this.#commented = comments !== this.#comments;
    this.#comments = comments;
    if (this.#parts === undefined) return false;
    return (
      this.#commented || this.#part === undefined || this.type !== "histogram" || this.#part.key !== this.#partsKey
    );
  }

  /** Takes note of an entry; true if it is part of a classic histogram. */
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

  /** The collected parts become the entry at hand; false if they make no histogram. */
  #finish(timestamp: number): boolean {
    const parts = this.#parts!;
    this.#parts = undefined;
    const histogram = parts.toHistogram();
    if (histogram === undefined) return false;
    this.#emitting = { histogram, parts, timestamp, key: encoder.encode(`${this.#partsKey}\ufdd1`) };
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

  /** A converted histogram has the time of the series that was read last, as upstream, even where that one only ended it. */
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
    // A histogram takes only those with a time of their own.
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

const joined = (name: string, rest: readonly string[]): string => [METRIC_NAME, name, ...rest].join("\ufdd0");

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
  // Empty values tell series apart here, and are no labels of theirs.
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
