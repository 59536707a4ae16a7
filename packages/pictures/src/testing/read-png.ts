import { crc32, inflateSync } from "node:zlib";

/** A decoded picture. */
export interface ReadPicture {
  readonly width: number;
  readonly height: number;
  /** Returns the colour of a pixel as `#rrggbb`. */
  colorAt(x: number, y: number): string;
}

/** Decodes a PNG file of 8-bit red, green and blue. Checks signature and checksums. */
export function readPng(file: Uint8Array): ReadPicture {
  const bytes = Buffer.from(file);
  if (bytes.toString("latin1", 1, 4) !== "PNG") throw new Error("not a PNG file");
  const chunks = new Map<string, Buffer>();
  for (let at = 8; at < bytes.length;) {
    const length = bytes.readUInt32BE(at);
    const type = bytes.toString("latin1", at + 4, at + 8);
    const sum = bytes.readUInt32BE(at + 8 + length);
    if (crc32(bytes.subarray(at + 4, at + 8 + length)) !== sum) throw new Error(`wrong checksum of ${type}`);
    chunks.set(type, bytes.subarray(at + 8, at + 8 + length));
    at += 12 + length;
  }
  const header = chunks.get("IHDR")!;
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  const pixels = unfiltered(inflateSync(chunks.get("IDAT")!), 3 * width, height);
  return {
    width,
    height,
    colorAt: (x, y) => `#${pixels.subarray(3 * (y * width + x), 3 * (y * width + x) + 3).toString("hex")}`,
  };
}

/** Undoes the filters "none" and "up" of rows. */
function unfiltered(data: Buffer, length: number, height: number): Buffer {
  if (data.length !== (length + 1) * height) throw new Error(`${data.length} bytes do not fit the size`);
  const pixels = Buffer.alloc(length * height);
  for (let y = 0; y < height; y++) {
    const filter = data[y * (length + 1)];
    if (filter !== 0 && filter !== 2) throw new Error(`unexpected filter ${filter}`);
    for (let i = 0; i < length; i++) {
      const above = filter === 2 && y > 0 ? pixels[(y - 1) * length + i]! : 0;
      pixels[y * length + i] = data[y * (length + 1) + 1 + i]! + above;
    }
  }
  return pixels;
}
