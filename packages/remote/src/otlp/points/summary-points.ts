import { MAX_PART_VALUES, partTooLarge } from "../message/otlp-body.ts";
import { skipUnknown } from "@narthex/bytes";
import { COUNT_SERIES, FIRST_OF_LAYOUT, SUM_SERIES } from "../translation/otlp-labels.ts";
import { QUANTILE, SUMMARY_POINT } from "../message/otlp-messages.ts";
import { NO_RECORDED_VALUE, type PointContext, type PointReader } from "./point-reader.ts";
import { millisecondsOf, unsignedOf } from "../message/wire-times.ts";

/** Reads SummaryDataPoint messages: a sum, a count and a float for each quantile. */
export class SummaryPoints implements PointReader {
  readonly #context: PointContext;
  readonly #time = new Uint32Array(2);
  readonly #start = new Uint32Array(2);
  readonly #words = new Uint32Array(2);
  #quantiles = new Float64Array(8);
  #values = new Float64Array(8);
  #size = 0;
  #count = 0;
  #sum = 0;
  #flags = 0;

  constructor(context: PointContext) {
    this.#context = context;
  }

  read(start: number, end: number): undefined {
    this.#parse(start, end);
    const { references, attributes, writer, family } = this.#context;
    this.#context.noteTime(this.#time[0]!, this.#time[1]!);
    const timestamp = millisecondsOf(this.#time[0]!, this.#time[1]!);
    const begun = millisecondsOf(this.#start[0]!, this.#start[1]!);
    const isStale = (this.#flags & NO_RECORDED_VALUE) !== 0;
    const layout = references.layout(new Uint8Array(this.#quantiles.buffer), 0, this.#size * 8);
    const width = FIRST_OF_LAYOUT + this.#size;
    const point = references.point(family, attributes.bytes, attributes.start, attributes.end, layout, width);
    const first = references.firstOf(point);
    const write = (offset: number, value: number): void => {
      if (isStale) writer.stale(first + offset, timestamp, begun);
      else writer.value(first + offset, timestamp, begun, value);
    };
    write(SUM_SERIES, this.#sum);
    write(COUNT_SERIES, this.#count);
    for (let i = 0; i < this.#size; i++) write(FIRST_OF_LAYOUT + i, this.#values[i]!);
  }

  #parse(start: number, end: number): void {
    const { wire, view, attributes } = this.#context;
    const { bytes } = wire;
    attributes.reset(bytes, view);
    this.#time.fill(0);
    this.#start.fill(0);
    this.#size = this.#count = this.#sum = this.#flags = 0;
    wire.seek(start, end);
    for (let at = start; at < end; at = wire.at) {
      const tag = wire.tag(SUMMARY_POINT.fields.message);
      if (tag === 58) attributes.add(bytes, at, wire.range());
      else if (tag === 17) wire.doubleWords(this.#start, 0);
      else if (tag === 25) wire.doubleWords(this.#time, 0);
      else if (tag === 33) {
        wire.doubleWords(this.#words, 0);
        this.#count = unsignedOf(this.#words[0]!, this.#words[1]!);
      } else if (tag === 41) this.#sum = wire.double();
      else if (tag === 50) this.#readQuantile();
      else if (tag === 64) this.#flags = wire.uint32();
      else skipUnknown(wire, tag, SUMMARY_POINT.fields);
    }
  }

  #readQuantile(): void {
    const { wire } = this.#context;
    const outer = wire.end;
    const end = wire.range();
    let [quantile, value] = [0, 0];
    wire.seek(wire.start, end);
    for (let tag = wire.tag(QUANTILE.fields.message); tag !== 0; tag = wire.tag(QUANTILE.fields.message)) {
      if (tag === 9) quantile = wire.double();
      else if (tag === 17) value = wire.double();
      else skipUnknown(wire, tag, QUANTILE.fields);
    }
    wire.seek(end, outer);
    if (this.#size === MAX_PART_VALUES) throw partTooLarge();
    if (this.#size === this.#quantiles.length) {
      this.#quantiles = doubled(this.#quantiles);
      this.#values = doubled(this.#values);
    }
    this.#quantiles[this.#size] = quantile;
    this.#values[this.#size++] = value;
  }
}

function doubled(column: Float64Array): Float64Array<ArrayBuffer> {
  const next = new Float64Array(column.length * 2);
  next.set(column);
  return next;
}
