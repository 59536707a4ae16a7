import type { SampleColumns } from "@narthex/storage";
import {
  ENCODING_FLOAT_HISTOGRAM_ST,
  ENCODING_HISTOGRAM_ST,
  type HistogramVisitor,
  readHistograms,
  readHistogramsWithStart,
} from "./histogram.ts";
import { ENCODING_FLOAT_HISTOGRAM, ENCODING_HISTOGRAM, ENCODING_XOR } from "./xor.ts";
import { decodeXor } from "./xor-decoder.ts";
import { ENCODING_XOR2, readXor2 } from "./xor2.ts";

/**
 * Decodes the first `count` samples of the chunk at `start`, and adds samples with from ≤ t ≤ to to `into`. Reads no
 * byte beyond the end of the chunk, if the end is known. Throws RangeError if the encoding is unknown or the content is
 * invalid.
 */
export function decodeSamples(
  bytes: Uint8Array,
  start: number,
  end: number | undefined,
  count: number,
  encoding: number,
  from: number,
  to: number,
  into: SampleColumns,
): void {
  if (encoding === ENCODING_XOR) {
    if (count > 0) decodeXor(bytes, start, end, count, from, to, into);
    return;
  }
  const chunk = end === undefined ? bytes : bytes.subarray(0, end);
  const push: HistogramVisitor = (time, histogram, counterStart) => {
    if (time < from || time > to) return;
    into.pushHistogram(time, histogram);
    into.setStart(counterStart);
  };
  switch (encoding) {
    case ENCODING_HISTOGRAM:
    case ENCODING_FLOAT_HISTOGRAM:
      readHistograms(chunk, start, count, encoding === ENCODING_HISTOGRAM, push);
      break;
    case ENCODING_XOR2:
      readXor2(chunk, start, count, from, to, into);
      break;
    case ENCODING_HISTOGRAM_ST:
    case ENCODING_FLOAT_HISTOGRAM_ST:
      readHistogramsWithStart(chunk, start, count, encoding === ENCODING_HISTOGRAM_ST, push);
      break;
    default:
      throw new RangeError(`unknown chunk encoding ${encoding}`);
  }
}
