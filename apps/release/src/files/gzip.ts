import { promisify } from "node:util";
import { gzip as gzipCallback } from "node:zlib";

const compress = promisify(gzipCallback);

/** Where gzip's header says which system compressed, and its word for "unknown". */
const SYSTEM = 9;
const UNKNOWN = 255;

/** Compresses without a name, a time or the system's number in the header. */
export async function gzip(bytes: Uint8Array): Promise<Uint8Array> {
  const out = await compress(bytes);
  out[SYSTEM] = UNKNOWN;
  return out;
}
