import type { SampleColumns } from "@narthex/storage";
import {
  countOfSamples,
  ENCODING_FLOAT_HISTOGRAM_ST,
  ENCODING_HISTOGRAM_ST,
  type HistogramVisitor,
  readHistograms,
  readHistogramsWithStart,
} from "../chunk/histogram.ts";
import { ENCODING_FLOAT_HISTOGRAM, ENCODING_HISTOGRAM, ENCODING_XOR } from "../chunk/xor.ts";
import { decodeXor } from "../chunk/xor-decoder.ts";
import { ENCODING_XOR2, readXor2 } from "../chunk/xor2.ts";
import type { ChunkBytes } from "./block.ts";

/**
 * Appends a chunk's samples with from ≤ t ≤ to. Throws RangeError for an encoding that is not known, or for content
 * that makes no sense.
 */
export function decodeChunk(chunk: ChunkBytes, from: number, to: number, into: SampleColumns): void {
  const { bytes, start, end, encoding } = chunk;
  if (end - start < 2) throw new RangeError(`a chunk of ${end - start} bytes`);
  const count = countOfSamples(bytes, start, encoding);
  const push: HistogramVisitor = (time, histogram, counterStart) => {
    if (time < from || time > to) return;
    into.pushHistogram(time, histogram);
    into.setStart(counterStart);
  };
  switch (encoding) {
    case ENCODING_XOR:
      if (count > 0) decodeXor(bytes, start, end, count, from, to, into);
      break;
    case ENCODING_HISTOGRAM:
    case ENCODING_FLOAT_HISTOGRAM:
      readHistograms(bytes.subarray(start, end), 0, count, encoding === ENCODING_HISTOGRAM, push);
      break;
    case ENCODING_XOR2:
      readXor2(bytes.subarray(start, end), 0, count, from, to, into);
      break;
    case ENCODING_HISTOGRAM_ST:
    case ENCODING_FLOAT_HISTOGRAM_ST:
      readHistogramsWithStart(bytes.subarray(start, end), 0, count, encoding === ENCODING_HISTOGRAM_ST, push);
      break;
    default:
      throw new RangeError(`unknown chunk encoding ${encoding}`);
  }
}
