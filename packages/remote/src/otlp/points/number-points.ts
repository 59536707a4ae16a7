import { STALE_HIGH, STALE_LOW, wordsOf } from "@narthex/model";
import { NUMBER_POINT } from "../message/otlp-messages.ts";
import { signedOf } from "../message/wire-times.ts";
import { readExemplars, UNSUPPORTED_EXEMPLAR } from "./otlp-exemplars.ts";
import { PointFields } from "./point-fields.ts";
import type { PointContext, PointReader } from "./point-reader.ts";

const SHAPE = { message: NUMBER_POINT, attributes: 58, flags: 64, exemplars: 42 };

const double = new Float64Array(1);
const doubleWords = wordsOf(double);

/** Reads OTLP's sums and gauges (NumberDataPoint). Stores each data point as a float. */
export class NumberPoints implements PointReader {
  readonly #context: PointContext;
  readonly #fields: PointFields;
  /** The 64 bits of the value. The value is an integer or a double. */
  readonly #value = new Uint32Array(2);
  #isInteger = false;

  constructor(context: PointContext) {
    this.#context = context;
    this.#fields = new PointFields(context, SHAPE, (tag) => this.#readOwn(tag));
  }

  read(start: number, end: number): string | undefined {
    const context = this.#context;
    const fields = this.#fields;
    this.#value[0] = this.#value[1] = 0;
    this.#isInteger = false;
    fields.read(start, end);
    if (this.#isInteger) this.#setValue(signedOf(this.#value[0], this.#value[1]));
    if (context.deltas !== undefined && !this.#addUp()) return undefined;
    fields.settle();
    const index = fields.references(0, 1);
    const { timestamp, begun, isStale, exemplars: ranges } = fields;
    context.writer.float(
      index,
      timestamp,
      begun,
      isStale ? STALE_LOW : this.#value[0],
      isStale ? STALE_HIGH : this.#value[1],
    );
    if (ranges.length === 0) return undefined;
    const exemplars = readExemplars(context.wire, ranges);
    if (!context.hasExemplars) return undefined;
    if (exemplars === undefined) return UNSUPPORTED_EXEMPLAR;
    context.writer.exemplars(index, exemplars);
    return undefined;
  }

  #readOwn(tag: number): boolean {
    if (tag !== 33 && tag !== 49) return false;
    this.#context.wire.doubleWords(this.#value, 0);
    this.#isInteger = tag === 49;
    return true;
  }

  #setValue(value: number): void {
    double[0] = value;
    this.#value.set(doubleWords);
  }

  /**
   * Replaces the data point, which is a difference, by the sum of its stream. Returns false if the point is left out.
   */
  #addUp(): boolean {
    const { deltas, attributes } = this.#context;
    doubleWords.set(this.#value);
    const sum = deltas!.number(attributes, { ...this.#fields.delta, value: double[0]!, isInteger: this.#isInteger });
    if (sum === undefined) return false;
    this.#setValue(sum.value);
    this.#fields.become(sum);
    return true;
  }
}
