import { skipUnknown } from "@narthex/bytes";
import type { OtlpMessage } from "../message/otlp-messages.ts";
import { millisecondsOf, nanosecondsOf } from "../message/wire-times.ts";
import type { Delta } from "./delta-to-cumulative.ts";
import { noteRange } from "./otlp-exemplars.ts";
import type { PointContext } from "./point-reader.ts";

/** Tags of the times of points of every kind. */
const START_TAG = 17;
export const TIME_TAG = 25;
/** Flag of a data point that only says that its series ended. */
const NO_RECORDED_VALUE = 1;

/** How points of a kind are written: their message, and the tags that it has for what all kinds tell. */
export interface PointShape {
  readonly message: OtlpMessage;
  readonly attributes: number;
  readonly flags: number;
  /** Absent where points have none. */
  readonly exemplars?: number;
}

/** Reads what points of all kinds tell: attributes, times, flags and exemplars; used again for the next one. */
export class PointFields {
  /** Start and end of the message of each exemplar. */
  readonly exemplars: number[] = [];
  /** ms since 1970: of the point, and of the first that its stream counted. Good once the point is settled, as is isStale. */
  timestamp = 0;
  begun = 0;
  /** The point only says that its series ended. */
  isStale = false;
  readonly #context: PointContext;
  readonly #message: OtlpMessage;
  readonly #attributesTag: number;
  readonly #flagsTag: number;
  readonly #exemplarsTag: number;
  readonly #readOwn: (tag: number) => boolean;
  readonly #time = new Uint32Array(2);
  readonly #start = new Uint32Array(2);
  #flags = 0;

  /** @param readOwn reads a field that only points of the kind have, whose tag has been read; false where there is no such field */
  constructor(context: PointContext, shape: PointShape, readOwn: (tag: number) => boolean) {
    this.#context = context;
    this.#message = shape.message;
    this.#attributesTag = shape.attributes;
    this.#flagsTag = shape.flags;
    this.#exemplarsTag = shape.exemplars ?? -1;
    this.#readOwn = readOwn;
  }

  /** Reads the point whose message is at [start, end). */
  read(start: number, end: number): void {
    const { wire, view, attributes } = this.#context;
    const { bytes } = wire;
    const { fields } = this.#message;
    attributes.reset(bytes, view);
    this.#time[0] = this.#time[1] = this.#start[0] = this.#start[1] = 0;
    this.exemplars.length = this.#flags = 0;
    wire.seek(start, end);
    for (let at = start; at < end; at = wire.at) {
      const tag = wire.tag(fields.message);
      if (tag === this.#attributesTag) attributes.add(bytes, at, wire.range());
      else if (tag === TIME_TAG) wire.doubleWords(this.#time, 0);
      else if (tag === START_TAG) wire.doubleWords(this.#start, 0);
      else if (tag === this.#flagsTag) this.#flags = wire.uint32();
      else if (tag === this.#exemplarsTag) noteRange(wire, this.exemplars);
      else if (!this.#readOwn(tag)) skipUnknown(wire, tag, fields);
    }
  }

  /** What sums know a point by. */
  get delta(): Delta {
    return { start: nanosecondsOf(this.#start), time: nanosecondsOf(this.#time), flags: this.#flags };
  }

  /** The point becomes the sum of its stream so far, which began with the first of `points`. */
  become({ start, flags, points }: Delta & { readonly points: number }): void {
    this.#flags = flags;
    this.#start[0] = Number(start & 0xffffffffn);
    this.#start[1] = Number(start >> 32n);
    // Exemplars of the first point are the stream's.
    if (points > 1) this.exemplars.length = 0;
  }

  /** The point is to be written: its resource was seen at its time. */
  settle(): void {
    this.#context.noteTime(this.#time[0]!, this.#time[1]!);
    this.timestamp = millisecondsOf(this.#time[0]!, this.#time[1]!);
    this.begun = millisecondsOf(this.#start[0]!, this.#start[1]!);
    this.isStale = (this.#flags & NO_RECORDED_VALUE) !== 0;
  }

  /** The number of the first of the `width` references of the point, which has this layout. */
  references(layout: number, width: number): number {
    const { references, attributes, family } = this.#context;
    const { bytes, start, end } = attributes;
    return references.firstOf(references.point(family, bytes, start, end, layout, width));
  }

  /** Writes a value of the point, by the number of its series' reference. */
  write(index: number, value: number): void {
    const { writer } = this.#context;
    if (this.isStale) writer.stale(index, this.timestamp, this.begun);
    else writer.value(index, this.timestamp, this.begun, value);
  }
}
