import { skipUnknown } from "@narthex/bytes";
import { MAX_PART_VALUES, partTooLarge } from "../../message-limits.ts";
import { QUANTILE, SUMMARY_POINT } from "../message/otlp-messages.ts";
import { readUnsigned } from "../message/wire-times.ts";
import { COUNT_SERIES, FIRST_OF_LAYOUT, SUM_SERIES } from "../translation/otlp-labels.ts";
import { PointFields } from "./point-fields.ts";
import type { PointContext, PointReader } from "./point-reader.ts";

const SHAPE = { message: SUMMARY_POINT, attributes: 58, flags: 64 };

/** Reads OTLP's summaries (SummaryDataPoint). Stores each as a sum, a count, and a float for each quantile. */
export class SummaryPoints implements PointReader {
  readonly #context: PointContext;
  readonly #fields: PointFields;
  #quantiles = new Float64Array(8);
  #values = new Float64Array(8);
  #size = 0;
  #count = 0;
  #sum = 0;

  constructor(context: PointContext) {
    this.#context = context;
    this.#fields = new PointFields(context, SHAPE, (tag) => this.#readOwn(tag));
  }

  read(start: number, end: number): undefined {
    const fields = this.#fields;
    this.#size = this.#count = this.#sum = 0;
    fields.read(start, end);
    fields.settle();
    const layout = this.#context.references.layout(new Uint8Array(this.#quantiles.buffer), 0, this.#size * 8);
    const first = fields.references(layout, FIRST_OF_LAYOUT + this.#size);
    fields.write(first + SUM_SERIES, this.#sum);
    fields.write(first + COUNT_SERIES, this.#count);
    for (let i = 0; i < this.#size; i++) fields.write(first + FIRST_OF_LAYOUT + i, this.#values[i]!);
  }

  #readOwn(tag: number): boolean {
    const { wire } = this.#context;
    if (tag === 33) this.#count = readUnsigned(wire);
    else if (tag === 41) this.#sum = wire.double();
    else if (tag === 50) this.#readQuantile();
    else return false;
    return true;
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
