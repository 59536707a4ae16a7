import { type Clock, runInTimeSlices, type Steps, type TimeSlice } from "@narthex/runtime";
import { crc32, deflate } from "node:zlib";
import { promisify } from "node:util";

const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
const deflateInThread = promisify(deflate);

/** Filter of a row: each byte is written as the difference from the byte above. */
const UP = 2;

/** The pixels of a picture: three bytes each, red, green and blue. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
}

/** Writes pixels as a PNG file. The compression runs on a thread of Node's pool, the rest in time slices. */
export async function encodePng(picture: Pixels, clock: Clock, slice: TimeSlice): Promise<Uint8Array> {
  const { width, height } = picture;
  const header = new DataView(new ArrayBuffer(13));
  header.setUint32(0, width);
  header.setUint32(4, height);
  // Eight bits for each of the three colours.
  header.setUint8(8, 8);
  header.setUint8(9, 2);
  const rows = await runInTimeSlices(clock, filteredRows(picture), slice);
  const data = await deflateInThread(rows, { level: 6 });
  return Buffer.concat([
    SIGNATURE,
    chunk("IHDR", new Uint8Array(header.buffer)),
    chunk("IDAT", data),
    chunk("IEND", new Uint8Array(0)),
  ]);
}

function* filteredRows({ width, height, pixels }: Pixels): Steps<Uint8Array> {
  const length = 3 * width;
  const rows = new Uint8Array((length + 1) * height);
  for (let y = 0; y < height; y++) {
    yield;
    const to = y * (length + 1);
    const from = y * length;
    rows[to] = UP;
    if (y === 0) rows.set(pixels.subarray(0, length), 1);
    else for (let i = 0; i < length; i++) rows[to + 1 + i] = pixels[from + i]! - pixels[from + i - length]!;
  }
  return rows;
}

function chunk(type: string, data: Uint8Array): Uint8Array {
  const bytes = Buffer.alloc(data.length + 12);
  bytes.writeUInt32BE(data.length, 0);
  bytes.write(type, 4, "latin1");
  bytes.set(data, 8);
  bytes.writeUInt32BE(crc32(bytes.subarray(4, data.length + 8)), data.length + 8);
  return bytes;
}
