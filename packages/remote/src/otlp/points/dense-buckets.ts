import { skipUnknown, type WireReader } from "@narthex/bytes";
import { MAX_PART_VALUES, partTooLarge } from "../../message-limits.ts";
import { BUCKETS } from "../message/otlp-messages.ts";

/**
 * The positive or negative buckets of an exponential histogram, as counts of consecutive buckets from index `offset`
 * on.
 */
export interface DenseBuckets {
  readonly offset: number;
  readonly counts: Float64Array;
}

/**
 * Collects the positive or negative buckets of a data point, which may be divided into many protobuf messages. The
 * object is reused for later points.
 */
export class BucketList {
  #offset = 0;
  #counts = new Float64Array(64);
  #length = 0;

  clear(): void {
    this.#offset = this.#length = 0;
  }

  /**
   * Reads the protobuf message Buckets. The caller has read its tag. Throws WireError, and MessageError if there are
   * too many counts.
   */
  read(wire: WireReader): void {
    const outer = wire.end;
    const end = wire.range();
    wire.seek(wire.start, end);
    for (let tag = wire.tag(BUCKETS.fields.message); tag !== 0; tag = wire.tag(BUCKETS.fields.message)) {
      if (tag === 8) this.#offset = wire.sint32();
      else if (tag === 18) this.#readPacked(wire);
      else if (tag === 16) this.#push(wire.uint64());
      else skipUnknown(wire, tag, BUCKETS.fields);
    }
    wire.seek(end, outer);
  }

  /** Reads packed numbers. If the given length ends in the middle of a number, reads the number to its end. */
  #readPacked(wire: WireReader): void {
    const end = wire.range();
    wire.seek(wire.start, wire.end);
    while (wire.at < end) this.#push(wire.uint64());
  }

  #push(count: number): void {
    if (this.#length === MAX_PART_VALUES) throw partTooLarge();
    if (this.#length === this.#counts.length) {
      const grown = new Float64Array(this.#length * 2);
      grown.set(this.#counts);
      this.#counts = grown;
    }
    this.#counts[this.#length++] = count;
  }

  /** The collected buckets as a view, valid until the next data point. */
  get buckets(): DenseBuckets {
    return { offset: this.#offset, counts: this.#counts.subarray(0, this.#length) };
  }

  copy(): DenseBuckets {
    return { offset: this.#offset, counts: this.#counts.slice(0, this.#length) };
  }
}
