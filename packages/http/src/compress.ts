import { Readable } from "node:stream";
import { promisify } from "node:util";
import { constants, createDeflate, createGzip, deflate, gzip, type ZlibOptions } from "node:zlib";
import type { FastifyInstance } from "fastify";

const gzipped = promisify<Uint8Array | string, ZlibOptions, Buffer>(gzip);
const deflated = promisify<Uint8Array | string, ZlibOptions, Buffer>(deflate);

/** The answers of queries are digits: more effort takes two to three times as long for a tenth less. */
const FAST = { level: constants.Z_BEST_SPEED };

/** Compresses the answers of a plugin's routes when the client takes it; off the main thread, by zlib's pool. */
export function compressAnswers(app: FastifyInstance): void {
  app.addHook("onSend", async (request, reply, payload: unknown) => {
    const whole = typeof payload === "string" || payload instanceof Uint8Array;
    if ((whole && payload.length === 0) || (!whole && !(payload instanceof Readable))) return payload;
    const encoding = acceptedEncoding(request.headers["accept-encoding"] ?? "");
    if (encoding === undefined || reply.hasHeader("content-encoding")) return payload;
    reply.header("content-encoding", encoding).removeHeader("content-length");
    if (!whole) return payload.pipe(encoding === "gzip" ? createGzip(FAST) : createDeflate(FAST));
    return encoding === "gzip" ? gzipped(payload, FAST) : deflated(payload, FAST);
  });
}

function acceptedEncoding(header: string): "gzip" | "deflate" | undefined {
  if (/\bgzip\b/.test(header)) return "gzip";
  return /\bdeflate\b/.test(header) ? "deflate" : undefined;
}
