import type { SampleColumns } from "@narthex/storage";
import {
  countOfSamples,
  ENCODING_FLOAT_HISTOGRAM_ST,
  ENCODING_HISTOGRAM_ST,
  type HistogramVisitor,
  readHistograms,
  readHistogramsWithStart,
} from "../chunk/histogram.ts";
import { ENCODING_HISTOGRAM, ENCODING_XOR } from "../chunk/xor.ts";
import { decodeXor } from "../chunk/xor-decoder.ts";
import { ENCODING_XOR2, readXor2 } from "../chunk/xor2.ts";

/** Adds a chunk's samples with from ≤ t ≤ to to `into`; `count` -1 takes their number from its header. */
export function decodeChunk(
  bytes: Uint8Array,
  start: number,
  count: number,
  encoding: number,
  from: number,
  to: number,
  into: SampleColumns,
): void {
  if (count < 0) count = countOfSamples(bytes, start, encoding);
  if (encoding === ENCODING_XOR) {
    decodeXor(bytes, start, undefined, count, from, to, into);
    return;
  }
  if (encoding === ENCODING_XOR2) {
    readXor2(bytes, start, count, from, to, into);
    return;
  }
  const push: HistogramVisitor = (time, histogram, counterStart) => {
    if (time < from || time > to) return;
    into.pushHistogram(time, histogram);
    into.setStart(counterStart);
  };
  if (encoding === ENCODING_HISTOGRAM_ST || encoding === ENCODING_FLOAT_HISTOGRAM_ST) {
    readHistogramsWithStart(bytes, start, count, encoding === ENCODING_HISTOGRAM_ST, push);
  } else readHistograms(bytes, start, count, encoding === ENCODING_HISTOGRAM, push);
}
