import { crc32c } from "@narthex/bytes";
import { compress } from "snappyjs";

/** Compresses a request body in Snappy's framing format, as the Go library does. */
export function snappyFrames(body: Uint8Array): Uint8Array {
  const mark = Buffer.concat([Buffer.from([0xff, 6, 0, 0]), Buffer.from("sNaPpY")]);
  if (body.length === 0) return mark;
  const crc = crc32c(body) >>> 0;
  const masked = (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
  const packed = compress(body);
  const head = Buffer.alloc(8);
  head.writeUInt32LE(((packed.length + 4) << 8) >>> 0, 0);
  head.writeUInt32LE(masked, 4);
  return Buffer.concat([mark, head, packed]);
}
