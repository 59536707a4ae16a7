import { formatGoDuration } from "@narthex/model";
import type { BlockMeta } from "@narthex/tsdb";

export interface ListedBlock {
  readonly meta: BlockMeta;
  /** Size of all files of the block. */
  readonly sizeBytes: number;
}

const HEADER = ["BLOCK ULID", "MIN TIME", "MAX TIME", "DURATION", "NUM SAMPLES", "NUM CHUNKS", "NUM SERIES", "SIZE"];
const MIN_WIDTH = 13;
const PADDING = 2;

/** Returns promtool's table of blocks with one line for each block, and optionally a header. */
export function blockTable(blocks: readonly ListedBlock[], header: boolean, readable: boolean): string {
  const rows = [...(header ? [HEADER] : []), ...blocks.map((block) => cells(block, readable))];
  // The last column is not padded, so its width is not needed.
  const widths = HEADER.slice(0, -1).map((_, column) =>
    Math.max(MIN_WIDTH, ...rows.map((row) => row[column]!.length + PADDING)),
  );
  return rows.map((row) => `${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join("")}\n`).join("");
}

function cells({ meta, sizeBytes }: ListedBlock, readable: boolean): string[] {
  const { ulid, minTime, maxTime, stats = {} } = meta;
  return [
    ulid,
    timeText(minTime, readable),
    timeText(maxTime, readable),
    formatGoDuration(maxTime - minTime),
    String(stats.numSamples ?? 0),
    String(stats.numChunks ?? 0),
    String(stats.numSeries ?? 0),
    readable ? binarySize(sizeBytes) : String(sizeBytes),
  ];
}

/** Formats a time in ms or, if `readable` is set, in Go's default form with whole seconds. */
function timeText(time: number, readable: boolean): string {
  if (!readable) return String(time);
  const text = new Date(Math.trunc(time / 1000) * 1000).toISOString();
  return `${text.slice(0, 10)} ${text.slice(11, 19)} +0000 UTC`;
}

const UNITS = ["EiB", "PiB", "TiB", "GiB", "MiB", "KiB", "B"];

/** Formats a number of bytes as `1KiB21B`: each power of 1,024 whose digit is not 0. */
function binarySize(bytes: number): string {
  if (bytes === 0) return "0B";
  let text = "";
  let rest = bytes;
  for (const [i, unit] of UNITS.entries()) {
    const size = 1024 ** (UNITS.length - 1 - i);
    const count = Math.floor(rest / size);
    if (count > 0) text += `${count}${unit}`;
    rest -= count * size;
  }
  return text;
}
