import { promisify } from "node:util";
import { gzip as gzipCallback } from "node:zlib";

const compress = promisify(gzipCallback);

/** Offset of the operating system in gzip's header, and the value for "unknown". */
const SYSTEM = 9;
const UNKNOWN = 255;

/** Compresses without file name, time and operating system in the header, so that equal input gives equal output. */
export async function gzip(bytes: Uint8Array): Promise<Uint8Array> {
  const out = await compress(bytes);
  out[SYSTEM] = UNKNOWN;
  return out;
}
