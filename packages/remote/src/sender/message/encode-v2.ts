import { ByteWriter, uvarintSize, WireWriter } from "@narthex/bytes";
import { writeHistogramMessage } from "@narthex/exposition";
import type { Exemplar } from "@narthex/storage";
import { writeValue } from "./encode-v1.ts";
import { EXEMPLAR_ENTRY, FLOAT, type SampleBatch } from "./sample-batch.ts";
import type { SentSeries } from "../series/sent-series.ts";
import { writeTime } from "./write-time.ts";

/** Protobuf tag of a text (symbol) in a message. The next tags are those of the series and of their fields. */
const SYMBOL = 0x22;
const SERIES = 0x2a;
const LABEL_REFS = 0x0a;
const SAMPLE = 0x12;
const HISTOGRAM = 0x1a;
const EXEMPLAR = 0x22;
const METADATA = 0x2a;

const SAMPLE_BYTES = 40;

/** Encodes batches as remote write 2.0 messages. Each message has a list of the texts (symbols) of its series. */
export class V2Encoder {
  readonly #series: SentSeries;
  readonly #symbols = new ByteWriter(16 * 1024);
  readonly #body = new ByteWriter(64 * 1024);
  readonly #one = new ByteWriter(1024);
  readonly #message = new WireWriter(4096);
  /** Number of the last message that contains each text. The next array has the text's index in that message. */
  #requests = new Float64Array(1024);
  #places = new Int32Array(1024);
  readonly #texts = new Map<string, number>();
  /** Indexes of the exemplars that are not written yet, by the row of their series. */
  readonly #exemplars = new Map<number, number[]>();
  #request = 0;
  #symbolCount = 0;

  constructor(series: SentSeries) {
    this.#series = series;
  }

  /**
   * Encodes a batch. Leaves out entries older than `oldest` (ms). Returns how many entries were written with metadata.
   */
  encode(batch: SampleBatch, into: ByteWriter, oldest: number): number {
    this.#begin();
    this.#gatherExemplars(batch, oldest);
    let metadata = 0;
    for (let i = 0; i < batch.count; i++) {
      if (batch.times[i]! < oldest || batch.kinds[i] === EXEMPLAR_ENTRY) continue;
      if (this.#entry(batch, i)) metadata++;
    }
    for (const [first] of this.#exemplars.values()) if (this.#entry(batch, first!)) metadata++;
    into.reset();
    into.put(this.#symbols.written);
    into.put(this.#body.written);
    return metadata;
  }

  /**
   * Collects the exemplars of each series, so that they are written together with the first sample. Receivers refuse a
   * series without a sample.
   */
  #gatherExemplars(batch: SampleBatch, oldest: number): void {
    for (const i of batch.exemplars.keys()) {
      if (batch.times[i]! < oldest) continue;
      const others = this.#exemplars.get(batch.rows[i]!);
      if (others === undefined) this.#exemplars.set(batch.rows[i]!, [i]);
      else others.push(i);
    }
  }

  #begin(): void {
    this.#request++;
    this.#texts.clear();
    this.#symbols.reset();
    this.#body.reset();
    // Begins the list of symbols with the empty text, as the format requires.
    this.#symbols.u8(SYMBOL);
    this.#symbols.u8(0);
    this.#symbolCount = 1;
    const { limit } = this.#series.symbols;
    if (limit > this.#requests.length) {
      this.#requests = new Float64Array(limit * 2);
      this.#places = new Int32Array(limit * 2);
    }
  }

  /** Encodes an entry as a series, with the exemplars of this series. Returns true if metadata was written with it. */
  #entry(batch: SampleBatch, i: number): boolean {
    const series = this.#series;
    const row = batch.rows[i]!;
    const one = this.#one;
    one.reset();
    const count = series.symbolCountOf(row);
    // Reserves room for the indexes and the sample. The index of a name takes one or two bytes. The total length of the
    // indexes is written afterwards, in front of the indexes.
    one.reserve(count * 5 + SAMPLE_BYTES + 8);
    for (let s = 0; s < count; s++) one.uvarint(this.#placeOf(series.symbolOf(row, s)));
    const refs = one.length;
    if (batch.kinds[i] === FLOAT) this.#float(batch, i);
    else if (batch.kinds[i] !== EXEMPLAR_ENTRY) this.#histogram(batch, i);
    for (const exemplar of this.#exemplars.get(row) ?? []) this.#exemplar(batch.exemplars.get(exemplar)!);
    this.#exemplars.delete(row);
    const metadata = series.metadataOf(row);
    if (metadata !== undefined) {
      this.#message.reset();
      this.#message.uint64(1, metadata.type);
      this.#message.uint64(3, this.#placeOf(metadata.help));
      this.#message.uint64(4, this.#placeOf(metadata.unit));
      this.#put(METADATA, this.#message.written);
    }
    const body = this.#body;
    body.reserve(one.length + 16);
    body.u8(SERIES);
    body.uvarint(1 + uvarintSize(refs) + one.length);
    body.u8(LABEL_REFS);
    body.uvarint(refs);
    body.put(one.written);
    return metadata !== undefined;
  }

  #float(batch: SampleBatch, i: number): void {
    const one = this.#one;
    one.reserve(SAMPLE_BYTES);
    const { bytes } = one;
    const start = one.length;
    bytes[start] = SAMPLE;
    let at = writeTime(bytes, writeValue(bytes, start + 2, batch.words, i), 2, batch.times[i]!);
    if (batch.starts[i] !== 0) at = writeTime(bytes, at, 3, batch.starts[i]!);
    bytes[start + 1] = at - start - 2;
    one.length = at;
  }

  #histogram(batch: SampleBatch, i: number): void {
    const out = this.#message;
    out.reset();
    writeHistogramMessage(out, batch.times[i]!, batch.histograms.get(i)!, batch.starts[i]);
    this.#put(HISTOGRAM, out.written);
  }

  #exemplar({ labels, value, timestamp }: Exemplar): void {
    const out = this.#message;
    out.reset();
    // Keeps the texts of exemplars only for this request, because trace ids do not repeat.
    const places = labels.pairs.map((text) => this.#placeOfText(text));
    out.message(1, () => {
      for (const place of places) out.varint(place);
    });
    out.double(2, value);
    out.int64(3, timestamp);
    this.#put(EXEMPLAR, out.written);
  }

  #put(tag: number, bytes: Uint8Array): void {
    this.#one.u8(tag);
    this.#one.uvarint(bytes.length);
    this.#one.put(bytes);
  }

  /** Returns the index of a text in this message. The first use of a text adds it to the message. */
  #placeOf(symbol: number): number {
    const { symbols } = this.#series;
    const size = symbols.sizeOf(symbol);
    if (size === 0) return 0;
    if (symbol >= this.#requests.length) this.#grow(symbol);
    if (this.#requests[symbol] === this.#request) return this.#places[symbol]!;
    this.#requests[symbol] = this.#request;
    const out = this.#symbols;
    out.u8(SYMBOL);
    out.uvarint(size);
    out.reserve(size);
    out.length = symbols.copy(symbol, out.bytes, out.length);
    return (this.#places[symbol] = this.#symbolCount++);
  }

  #placeOfText(text: string): number {
    let place = this.#texts.get(text);
    if (place === undefined) {
      this.#symbols.u8(SYMBOL);
      this.#symbols.text(text);
      this.#texts.set(text, (place = this.#symbolCount++));
    }
    return place;
  }

  #grow(symbol: number): void {
    const [requests, places] = [this.#requests, this.#places];
    this.#requests = new Float64Array((symbol + 1) * 2);
    this.#places = new Int32Array((symbol + 1) * 2);
    this.#requests.set(requests);
    this.#places.set(places);
  }
}
