import { skipUnknown } from "@narthex/bytes";
import { STALE_HIGH, STALE_LOW, wordsOf } from "@narthex/model";
import { noteRange, readExemplars, UNSUPPORTED_EXEMPLAR } from "./otlp-exemplars.ts";
import { NUMBER_POINT } from "../message/otlp-messages.ts";
import { NO_RECORDED_VALUE, type PointContext, type PointReader } from "./point-reader.ts";
import { millisecondsOf, nanosecondsOf, signedOf } from "../message/wire-times.ts";

const double = new Float64Array(1);
const doubleWords = wordsOf(double);

/** Reads NumberDataPoint messages: one float each. */
export class NumberPoints implements PointReader {
  readonly #context: PointContext;
  /** The bits of the value; of an integer until it is a double. */
  readonly #value = new Uint32Array(2);
  readonly #time = new Uint32Array(2);
  readonly #start = new Uint32Array(2);
  readonly #exemplars: number[] = [];
  #flags = 0;
  #isInteger = false;

  constructor(context: PointContext) {
    this.#context = context;
  }

  read(start: number, end: number): string | undefined {
    const context = this.#context;
    this.#parse(start, end);
    if (context.deltas !== undefined && !this.#addUp()) return undefined;
    context.noteTime(this.#time[0]!, this.#time[1]!);
    const { references, attributes, writer } = context;
    const { family } = context;
    const point = references.point(family, attributes.bytes, attributes.start, attributes.end, 0, 1);
    const index = references.firstOf(point);
    const timestamp = millisecondsOf(this.#time[0]!, this.#time[1]!);
    const begun = millisecondsOf(this.#start[0]!, this.#start[1]!);
    const isStale = (this.#flags & NO_RECORDED_VALUE) !== 0;
    writer.float(
      index,
      timestamp,
      begun,
      isStale ? STALE_LOW : this.#value[0]!,
      isStale ? STALE_HIGH : this.#value[1]!,
    );
    if (this.#exemplars.length === 0) return undefined;
    const exemplars = readExemplars(context.wire, this.#exemplars);
    if (!context.hasExemplars) return undefined;
    if (exemplars === undefined) return UNSUPPORTED_EXEMPLAR;
    writer.exemplars(index, exemplars);
    return undefined;
  }

  #parse(start: number, end: number): void {
    const { wire, view, attributes } = this.#context;
    const { bytes } = wire;
    attributes.reset(bytes, view);
    this.#time.fill(0);
    this.#start.fill(0);
    this.#value.fill(0);
    this.#exemplars.length = this.#flags = 0;
    this.#isInteger = false;
    wire.seek(start, end);
    for (let at = start; at < end; at = wire.at) {
      const tag = wire.tag(NUMBER_POINT.fields.message);
      if (tag === 58) attributes.add(bytes, at, wire.range());
      else if (tag === 25) wire.doubleWords(this.#time, 0);
      else if (tag === 17) wire.doubleWords(this.#start, 0);
      else if (tag === 33 || tag === 49) {
        wire.doubleWords(this.#value, 0);
        this.#isInteger = tag === 49;
      } else if (tag === 64) this.#flags = wire.uint32();
      else if (tag === 42) noteRange(wire, this.#exemplars);
      else skipUnknown(wire, tag, NUMBER_POINT.fields);
    }
    if (this.#isInteger) this.#setValue(signedOf(this.#value[0]!, this.#value[1]!));
  }

  #setValue(value: number): void {
    double[0] = value;
    this.#value.set(doubleWords);
  }

  /** Makes the point the sum of its stream so far; false where it is left out. */
  #addUp(): boolean {
    const { deltas, attributes } = this.#context;
    doubleWords.set(this.#value);
    const sum = deltas!.number(attributes, {
      start: nanosecondsOf(this.#start),
      time: nanosecondsOf(this.#time),
      flags: this.#flags,
      value: double[0]!,
      isInteger: this.#isInteger,
    });
    if (sum === undefined) return false;
    this.#setValue(sum.value);
    this.#flags = sum.flags;
    this.#start[0] = Number(sum.start & 0xffffffffn);
    this.#start[1] = Number(sum.start >> 32n);
    // Those of the first point are the stream's.
    if (sum.points > 1) this.#exemplars.length = 0;
    return true;
  }
}
