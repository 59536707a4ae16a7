import { ByteWriter, WireWriter } from "@narthex/bytes";
import { writeHistogramMessage } from "@narthex/exposition";
import type { SampleColumns } from "@narthex/storage";
import { writeInt64 } from "./int64-field.ts";

const SAMPLE_TAG = 0x12;
const VALUE_TAG = 0x09;
const TIMESTAMP_TAG = 0x10;
/** Upper bound of the encoded size of a sample in bytes. */
const SAMPLE_ROOM = 32;

/** Encodes series as protobuf messages TimeSeries. All messages use the same memory, one after the other. */
export class SampleSeries {
  readonly #out = new ByteWriter(64 * 1024);
  readonly #small = new WireWriter();

  /** Encodes a series. The result is valid until the next call. */
  write(pairs: readonly string[], columns: SampleColumns): Uint8Array {
    const out = this.#out;
    const small = this.#small;
    out.reset();
    small.reset();
    for (let i = 0; i < pairs.length; i += 2) {
      small.message(1, () => {
        small.string(1, pairs[i]!);
        small.string(2, pairs[i + 1]!);
      });
    }
    out.put(small.written);
    this.#samples(columns);
    const { histograms } = columns;
    if (histograms === undefined) return out.written;
    for (let i = 0; i < columns.count; i++) {
      const histogram = histograms[i];
      if (histogram === undefined) continue;
      small.reset();
      small.message(4, () => writeHistogramMessage(small, columns.timestamps[i]!, histogram));
      out.put(small.written);
    }
    return out.written;
  }

  #samples({ timestamps, values, valueWords: words, histograms, count }: SampleColumns): void {
    const out = this.#out;
    out.reserve(count * SAMPLE_ROOM);
    const { bytes } = out;
    let at = out.length;
    for (let i = 0; i < count; i++) {
      if (histograms?.[i] !== undefined) continue;
      const begin = (at += 2);
      // Leaves out fields with their default value, as usual in protobuf.
      if (values[i] !== 0) {
        bytes[at++] = VALUE_TAG;
        const [low, high] = [words[i * 2]!, words[i * 2 + 1]!];
        for (let shift = 0; shift < 32; shift += 8) bytes[at++] = low >>> shift;
        for (let shift = 0; shift < 32; shift += 8) bytes[at++] = high >>> shift;
      }
      if (timestamps[i] !== 0) at = writeInt64(bytes, at, TIMESTAMP_TAG, timestamps[i]!);
      bytes[begin - 2] = SAMPLE_TAG;
      bytes[begin - 1] = at - begin;
    }
    out.length = at;
  }
}
