import { type FloatHistogram, METRIC_NAME, parseGoFloat } from "@narthex/model";
import {
  ENTRY_END,
  ENTRY_HISTOGRAM,
  ENTRY_SERIES,
  ENTRY_TYPE,
  type EntryKind,
  type EntryReader,
  type ExposedExemplar,
} from "./entries.ts";
import type { MetricType } from "./family.ts";
import { ClassicParts } from "./classic-parts.ts";

const PARTS = /^(.*)_(bucket|sum|count)$/s;
const encoder = new TextEncoder();

/** Which part of which classic histogram a series is. */
interface PartOf {
  readonly part: "bucket" | "sum" | "count";
  /** `__name__`, family, name, value … without `le`. */
  readonly labels: readonly string[];
  readonly bound: number;
}

/**
 * Reads classic histograms as native ones with custom buckets: consecutive `_bucket`, `_sum` and `_count` series of one
 * label set become one histogram entry, given out when the next series begins. The classic series are left out unless
 * `keepClassic`. Other entries pass through. Wrap a reader that has no predictor.
 */
export class NhcbReader implements EntryReader {
  readonly #inner: EntryReader;
  readonly #keepClassic: boolean;
  #parts: ClassicParts | undefined;
  #partsKey = "";
  /** Entry of the inner reader that waits while a histogram is given out. */
  #held: EntryKind | undefined;
  /** Labels of the exponential histogram seen last; its classic form is not converted. */
  #exponentialKey = "";
  #emitting: { readonly histogram: FloatHistogram; readonly parts: ClassicParts; readonly key: Uint8Array } | undefined;

  constructor(inner: EntryReader, keepClassic: boolean) {
    this.#inner = inner;
    this.#keepClassic = keepClassic;
  }

  next(): EntryKind {
    this.#emitting = undefined;
    for (;;) {
      const kind = this.#held ?? this.#inner.next();
      const wasHeld = this.#held !== undefined;
      this.#held = undefined;
      const part = kind === ENTRY_SERIES && this.type === "histogram" ? partOf(this.#inner.labels()) : undefined;
      const key = part === undefined ? "" : part.labels.join("\ud800");
      if (this.#parts !== undefined && key !== this.#partsKey && this.#finish()) {
        this.#held = kind;
        return ENTRY_HISTOGRAM;
      }
      if (kind === ENTRY_HISTOGRAM) this.#exponentialKey = this.#inner.labels().join("\ud800");
      else if (kind === ENTRY_TYPE) this.#exponentialKey = "";
      if (part === undefined || key === this.#exponentialKey) return kind;
      if (!wasHeld || this.#parts === undefined) this.#collect(part, key);
      if (this.#keepClassic || kind === ENTRY_END) return kind;
    }
  }

  #collect(part: PartOf, key: string): void {
    if (this.#parts === undefined) {
      this.#parts = new ClassicParts(part.labels, this.#inner.timestamp);
      this.#partsKey = key;
    }
    this.#parts.add(part.part, part.bound, this.#inner.value, this.#inner.exemplars());
  }

  /** The collected parts become the entry at hand; false where they make no histogram. */
  #finish(): boolean {
    const parts = this.#parts!;
    this.#parts = undefined;
    const histogram = parts.toHistogram();
    if (histogram === undefined) return false;
    const key = encoder.encode(`${parts.labels.join("\ufdd0")}\ufdd1`);
    this.#emitting = { histogram, parts, key };
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

  get timestamp(): number {
    return this.#emitting?.parts.timestamp ?? this.#inner.timestamp;
  }

  labels(): string[] {
    return this.#emitting === undefined ? this.#inner.labels() : [...this.#emitting.parts.labels];
  }

  exemplars(): readonly ExposedExemplar[] {
    return this.#emitting?.parts.exemplars ?? this.#inner.exemplars();
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
}

function partOf(labels: readonly string[]): PartOf | undefined {
  const found = PARTS.exec(labels[1] ?? "");
  if (found === null) return undefined;
  const part = found[2] as PartOf["part"];
  const rest: string[] = [METRIC_NAME, found[1]!];
  let bound: number | undefined;
  for (let i = 2; i < labels.length; i += 2) {
    if (part === "bucket" && labels[i] === "le") bound = parseGoFloat(labels[i + 1]!);
    else rest.push(labels[i]!, labels[i + 1]!);
  }
  if (part === "bucket" && (bound === undefined || Number.isNaN(bound))) return undefined;
  return { part, labels: rest, bound: bound ?? 0 };
}
