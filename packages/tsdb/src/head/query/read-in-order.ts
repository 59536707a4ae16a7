import type { SampleColumns } from "@narthex/storage";
import { decodeHeadChunk } from "../decode-head-chunk.ts";
import { ENCODING_XOR } from "../../chunk/xor.ts";
import type { HeadMemory } from "../memory/head-memory.ts";
import type { SeriesRow } from "../memory/series-rows.ts";

/**
 * Adds the in-order samples of a series from `from` to `to`, both included, to `into`. Reads the current state of the
 * series.
 */
export function readInOrder(memory: HeadMemory, row: SeriesRow, from: number, to: number, into: SampleColumns): void {
  const { chunks, series, slabs } = memory;
  const { at } = series;
  for (let id = at.firstChunk[row]!; id !== 0 && chunks.minTime[id]! <= to; id = chunks.next[id]!) {
    if (chunks.maxTime[id]! < from) continue;
    const encoding = chunks.encoding[id]!;
    chunks.withBytes(id, (bytes, start, end) => decodeHeadChunk(bytes, start, end, -1, encoding, from, to, into));
  }
  const block = at.openBlock[row]!;
  if (block === 0 || at.openCount[row] === 0 || at.openMinTime[row]! > to) return;
  const bytes = slabs.bytes[block >>> 16]!;
  const start = (block & 0xffff) * 8;
  const isXor = at.openEncoding[row] === ENCODING_XOR;
  const end = isXor ? start + ((at.openBits[row]! + 7) >>> 3) : bytes.length;
  decodeHeadChunk(bytes, start, end, at.openCount[row]!, at.openEncoding[row]!, from, to, into);
}
