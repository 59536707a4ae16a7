import { promisify } from "node:util";
import { constants, createDeflate, createGzip, deflate, gzip, type ZlibOptions } from "node:zlib";

/** Answers are digits, read once: more effort takes two to three times as long for a tenth less. */
const FAST = { level: constants.Z_BEST_SPEED };

const gzipped = promisify<Uint8Array | string, ZlibOptions, Buffer>(gzip);
const deflated = promisify<Uint8Array | string, ZlibOptions, Buffer>(deflate);

/** Compresses a whole answer, off the main thread. */
export const compressed = (encoding: "gzip" | "deflate", body: Uint8Array | string): Promise<Buffer> =>
  encoding === "gzip" ? gzipped(body, FAST) : deflated(body, FAST);

/** Compresses what is piped through it. */
export const compressor = (encoding: "gzip" | "deflate"): NodeJS.ReadWriteStream =>
  encoding === "gzip" ? createGzip(FAST) : createDeflate(FAST);
