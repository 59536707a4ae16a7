import { WireWriter } from "@narthex/bytes";
import { type Labels, LabelsBuilder, type NameValidation, Relabeling, type RelabelRule } from "@narthex/model";
import type { MetricMetadata } from "@narthex/storage";
import { METRIC_TYPES } from "../../messages/write-messages.ts";
import { writeLabels } from "../message/write-labels.ts";
import { ByteSlabs } from "./byte-slabs.ts";
import { RefTable } from "./ref-table.ts";
import { SymbolTable } from "./symbol-table.ts";

export interface SentSeriesOptions {
  readonly externalLabels: Labels;
  readonly rules: readonly RelabelRule[];
  readonly scheme?: NameValidation;
  /** Version of remote write (1.0 or 2.0) for which labels are encoded. */
  readonly version: 1 | 2;
}

/**
 * Metadata of a series: the number of the metric's type, and the numbers of its help text and unit in the symbol table.
 */
export interface SeriesMetadata {
  readonly type: number;
  readonly help: number;
  readonly unit: number;
}

/** Value that is stored instead of the labels' size if relabeling drops the series. */
const DROPPED = -1;

/**
 * Stores the labels of series in the form for one destination: relabeled, with external labels, and encoded for the
 * destination's message format. Each series is encoded once.
 */
export class SentSeries {
  readonly symbols = new SymbolTable();
  readonly #options: SentSeriesOptions;
  readonly #relabeling: Relabeling;
  readonly #builder = new LabelsBuilder();
  readonly #writer = new WireWriter(4096);
  #rows = new RefTable();
  #labels = new ByteSlabs();
  /**
   * Position of each series' labels. The next columns are the size of the labels, and the newest log segment that
   * contains the series.
   */
  #places = new Float64Array(1024);
  #sizes = new Int32Array(1024);
  #segments = new Int32Array(1024);
  #count = 0;
  /**
   * Rows that new series can use. The rows in `#freedLast` cannot be used yet, because waiting samples may still refer
   * to them.
   */
  #free: number[] = [];
  #freedLast: number[] = [];
  #liveBytes = 0;
  #deadBytes = 0;
  /** Types and help texts by row, for message formats in which each series has its metadata. */
  readonly #metadata = new Map<number, SeriesMetadata>();

  constructor(options: SentSeriesOptions) {
    this.#options = options;
    this.#relabeling = new Relabeling(options.rules, options.scheme);
  }

  /** Returns the row (index) of a series reference, or -1 if the reference is unknown. */
  rowOf(ref: number): number {
    return this.#rows.get(ref);
  }

  isDropped(row: number): boolean {
    return this.#sizes[row] === DROPPED;
  }

  /**
   * Stores a series.
   * @param segment number of the log segment that contains the series
   */
  store(ref: number, labels: Labels, segment: number): void {
    const known = this.#rows.get(ref);
    const row = known < 0 ? this.#newRow() : known;
    if (known < 0) this.#rows.set(ref, row);
    else this.#release(row);
    this.#segments[row] = segment;
    const sent = this.#relabel(labels);
    if (sent === undefined) {
      this.#sizes[row] = DROPPED;
      return;
    }
    const bytes = this.#options.version === 1 ? this.#messageBytes(sent) : this.#symbolBytes(sent);
    this.#places[row] = this.#labels.add(bytes);
    this.#sizes[row] = bytes.length;
    this.#liveBytes += bytes.length;
  }

  /** Records that a checkpoint, which replaces the segments up to `segment`, still contains a series. */
  keep(ref: number, segment: number): void {
    const row = this.#rows.get(ref);
    if (row >= 0) this.#segments[row] = Math.max(segment, this.#segments[row]!);
  }

  /** Forgets series that only occur in segments before `segment`. */
  forgetBefore(segment: number): void {
    for (const item of this.#freedLast) this.#free.push(item);
    this.#freedLast = [];
    const rows = new RefTable();
    this.#rows.forEach((ref, row) => {
      if (this.#segments[row]! >= segment) rows.set(ref, row);
      else {
        this.#release(row);
        this.#freedLast.push(row);
      }
    });
    this.#rows = rows;
    if (this.#deadBytes > this.#liveBytes) this.#compact();
  }

  /** Stores type, help text and unit of a series, which the log contains. */
  storeMetadata(ref: number, { type, help, unit }: MetricMetadata): void {
    const row = this.#rows.get(ref);
    if (row < 0) return;
    const number = Math.max(0, METRIC_TYPES.indexOf(type));
    this.#metadata.set(row, { type: number, help: this.symbols.add(help), unit: this.symbols.add(unit) });
  }

  hasMetadata(ref: number): boolean {
    return this.#metadata.has(this.#rows.get(ref));
  }

  metadataOf(row: number): SeriesMetadata | undefined {
    return this.#metadata.get(row);
  }

  /** Returns the size in bytes of a row's labels. */
  sizeOf(row: number): number {
    return this.#sizes[row]!;
  }

  /** Copies the labels of a row, encoded for the message. Returns the end of the copy. */
  copyLabels(row: number, into: Uint8Array, at: number): number {
    const size = this.#sizes[row]!;
    into.set(this.#labels.get(this.#places[row]!, size), at);
    return at + size;
  }

  /** Returns the number of texts in a row's labels: names and values. */
  symbolCountOf(row: number): number {
    return this.#sizes[row]! / 4;
  }

  /** Returns the symbol number of text number `i` of a row's labels. */
  symbolOf(row: number, i: number): number {
    const place = this.#places[row]!;
    const slab = this.#labels.slabOf(place);
    const at = this.#labels.offsetOf(place) + i * 4;
    return slab[at]! | (slab[at + 1]! << 8) | (slab[at + 2]! << 16) | (slab[at + 3]! << 24);
  }

  #relabel(labels: Labels): Labels | undefined {
    const { externalLabels, rules } = this.#options;
    const filled = labels.filledFrom(externalLabels);
    const builder = this.#builder.reset(filled);
    if (rules.length > 0 && !this.#relabeling.apply(builder)) return undefined;
    const kept = rules.length > 0 ? builder.labels() : filled;
    return kept.size === 0 ? undefined : kept;
  }

  #messageBytes(labels: Labels): Uint8Array {
    const out = this.#writer;
    out.reset();
    writeLabels(out, labels);
    return out.written;
  }

  #symbolBytes({ pairs }: Labels): Uint8Array {
    const bytes = new Uint8Array(pairs.length * 4);
    const view = new DataView(bytes.buffer);
    for (let i = 0; i < pairs.length; i++) view.setUint32(i * 4, this.symbols.add(pairs[i]!), true);
    return bytes;
  }

  #newRow(): number {
    const free = this.#free.pop();
    if (free !== undefined) return free;
    if (this.#count === this.#sizes.length) {
      const [places, sizes, segments] = [this.#places, this.#sizes, this.#segments];
      this.#places = new Float64Array(this.#count * 2);
      this.#sizes = new Int32Array(this.#count * 2);
      this.#segments = new Int32Array(this.#count * 2);
      this.#places.set(places);
      this.#sizes.set(sizes);
      this.#segments.set(segments);
    }
    return this.#count++;
  }

  #release(row: number): void {
    const size = Math.max(0, this.#sizes[row]!);
    this.#liveBytes -= size;
    this.#deadBytes += size;
    this.#metadata.delete(row);
  }

  /** Frees the memory of labels and texts that are no longer used. */
  #compact(): void {
    const [old, free] = [this.#labels, new Set(this.#free)];
    this.#labels = new ByteSlabs();
    const used = new Uint8Array(this.symbols.limit);
    for (let row = 0; row < this.#count; row++) {
      const size = this.#sizes[row]!;
      if (size === DROPPED || free.has(row)) continue;
      this.#places[row] = this.#labels.add(old.get(this.#places[row]!, size));
      if (this.#options.version === 1) continue;
      for (let i = 0; i < size / 4; i++) used[this.symbolOf(row, i)] = 1;
    }
    this.#deadBytes = 0;
    if (this.#options.version === 1) return;
    for (const { help, unit } of this.#metadata.values()) used[help] = used[unit] = 1;
    this.symbols.retain(used);
  }
}
