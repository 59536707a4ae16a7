import { pipeline, Readable } from "node:stream";
import { promisify } from "node:util";
import { constants, createDeflate, createGzip, deflate, gzip, gzipSync, type ZlibOptions } from "node:zlib";
import type { FastifyInstance } from "fastify";

/** Minimum size in bytes of an answer that is compressed. */
const MIN_BYTES = 1024;

/**
 * Compresses the answers of a plugin's routes if the client accepts compression. The compression runs on zlib's
 * threads.
 */
export function compressAnswers(app: FastifyInstance): void {
  // Uses a callback instead of a promise, so that an answer that is not compressed, such as one without a body, is not
  // delayed.
  app.addHook("onSend", (request, reply, payload: unknown, done) => {
    const whole = typeof payload === "string" || payload instanceof Uint8Array;
    if ((whole && payload.length < MIN_BYTES) || (!whole && !(payload instanceof Readable))) {
      done(null, payload);
      return;
    }
    const encoding = acceptedEncoding(request.headers["accept-encoding"]);
    if (encoding === undefined || reply.hasHeader("content-encoding")) {
      done(null, payload);
      return;
    }
    reply.header("content-encoding", encoding).removeHeader("content-length");
    if (whole) (encoding === "gzip" ? gzip : deflate)(payload, FAST, done);
    else done(null, pipeline(payload, compressor(encoding), ignoreOutcome));
  });
}

/**
 * Ignores the result of the pipe, because an error of the source also reaches the compressed stream, where Fastify
 * handles it.
 */
const ignoreOutcome = (): void => undefined;

const REFUSED = /;\s*q=0(?:\.0*)?\s*$/;

/** Returns the first supported encoding that a client accepts by its `Accept-Encoding`. */
export function acceptedEncoding(header = ""): "gzip" | "deflate" | undefined {
  const taken = header.split(",").filter((clause) => !REFUSED.test(clause));
  return (["gzip", "deflate"] as const).find((name) => taken.some((clause) => clause.split(";")[0]!.trim() === name));
}

/**
 * Options of zlib. A higher level would take two to three times as long for answers that are only a tenth smaller,
 * because answers consist mostly of digits.
 */
const FAST = { level: constants.Z_BEST_SPEED };

const gzipped = promisify<Uint8Array | string, ZlibOptions, Buffer>(gzip);
const deflated = promisify<Uint8Array | string, ZlibOptions, Buffer>(deflate);

/** Compresses a whole answer on another thread. */
export const compressed = (encoding: "gzip" | "deflate", body: Uint8Array | string): Promise<Buffer> =>
  encoding === "gzip" ? gzipped(body, FAST) : deflated(body, FAST);

/** Compresses an answer on this thread. Faster than another thread for short answers. */
export const gzippedNow = (body: Uint8Array | string): Buffer => gzipSync(body, FAST);

const compressor = (encoding: "gzip" | "deflate"): NodeJS.ReadWriteStream =>
  encoding === "gzip" ? createGzip(FAST) : createDeflate(FAST);
