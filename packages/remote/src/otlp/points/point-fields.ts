import { skipUnknown } from "@narthex/bytes";
import type { OtlpMessage } from "../message/otlp-messages.ts";
import { millisecondsOf, nanosecondsOf } from "../message/wire-times.ts";
import type { Delta } from "./delta-to-cumulative.ts";
import { noteRange } from "./otlp-exemplars.ts";
import type { PointContext } from "./point-reader.ts";

/** Protobuf tag of a data point's start time. All kinds of data points have this tag and the tag of the time. */
const START_TAG = 17;
export const TIME_TAG = 25;
/** Flag of a data point that has no value and marks the end of its series. */
const NO_RECORDED_VALUE = 1;

/** Encoding of one kind of data point: its protobuf message, and the tags of the fields that all kinds have. */
export interface PointShape {
  readonly message: OtlpMessage;
  readonly attributes: number;
  readonly flags: number;
  /** Tag of the exemplars; undefined if data points of this kind have no exemplars. */
  readonly exemplars?: number;
}

/**
 * Reads the fields that all kinds of data points have: attributes, times, flags and exemplars. The object is reused for
 * later points.
 */
export class PointFields {
  /** Start and end of the message of each exemplar. */
  readonly exemplars: number[] = [];
  /** Time of the data point and start of its stream, ms since 1970. Valid after settle(), like `isStale`. */
  timestamp = 0;
  begun = 0;
  /** True if the data point has no value and marks the end of its series. */
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

  /**
   * @param readOwn reads a field that only this kind of data point has, after its tag; returns false for an unknown
   * field
   */
  constructor(context: PointContext, shape: PointShape, readOwn: (tag: number) => boolean) {
    this.#context = context;
    this.#message = shape.message;
    this.#attributesTag = shape.attributes;
    this.#flagsTag = shape.flags;
    this.#exemplarsTag = shape.exemplars ?? -1;
    this.#readOwn = readOwn;
  }

  /** Reads the data point at [start, end) of the message. */
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

  /** Start, time and flags of the data point, in the form for adding the point to a stream. */
  get delta(): Delta {
    return { start: nanosecondsOf(this.#start), time: nanosecondsOf(this.#time), flags: this.#flags };
  }

  /**
   * Replaces the data point by the sum of all data points of its stream so far. The sum has the start and the flags of
   * the first data point.
   */
  become({ start, flags, points }: Delta & { readonly points: number }): void {
    this.#flags = flags;
    this.#start[0] = Number(start & 0xffffffffn);
    this.#start[1] = Number(start >> 32n);
    // Keeps exemplars only for the first data point of a stream.
    if (points > 1) this.exemplars.length = 0;
  }

  /** Prepares the data point for storing, and records its time for its resource. */
  settle(): void {
    this.#context.noteTime(this.#time[0]!, this.#time[1]!);
    this.timestamp = millisecondsOf(this.#time[0]!, this.#time[1]!);
    this.begun = millisecondsOf(this.#start[0]!, this.#start[1]!);
    this.isStale = (this.#flags & NO_RECORDED_VALUE) !== 0;
  }

  /**
   * Returns the number of the first series of the data point.
   * @param layout number under which the point's bounds or quantiles are stored
   * @param width number of series of the point
   */
  references(layout: number, width: number): number {
    const { references, attributes, family } = this.#context;
    const { bytes, start, end } = attributes;
    return references.firstOf(references.point(family, bytes, start, end, layout, width));
  }

  /**
   * Stores a value of the data point.
   * @param index number of the series
   */
  write(index: number, value: number): void {
    const { writer } = this.#context;
    if (this.isStale) writer.stale(index, this.timestamp, this.begun);
    else writer.value(index, this.timestamp, this.begun, value);
  }
}
