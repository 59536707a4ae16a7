import { Readable } from "node:stream";
import type { FastifyInstance } from "fastify";
import { compressed, compressor } from "./fast-compression.ts";

/** Shorter answers are not worth it. */
const LEAST_BYTES = 1024;

/** Compresses the answers of a plugin's routes when the client takes it; off the main thread, by zlib's pool. */
export function compressAnswers(app: FastifyInstance): void {
  app.addHook("onSend", async (request, reply, payload: unknown) => {
    const whole = typeof payload === "string" || payload instanceof Uint8Array;
    if ((whole && payload.length < LEAST_BYTES) || (!whole && !(payload instanceof Readable))) return payload;
    const encoding = acceptedEncoding(request.headers["accept-encoding"]);
    if (encoding === undefined || reply.hasHeader("content-encoding")) return payload;
    reply.header("content-encoding", encoding).removeHeader("content-length");
    if (!whole) return payload.pipe(compressor(encoding));
    return compressed(encoding, payload);
  });
}

const REFUSED = /;\s*q=0(?:\.0*)?\s*$/;

/** The first of ours that a client takes, by its `Accept-Encoding`. */
export function acceptedEncoding(header = ""): "gzip" | "deflate" | undefined {
  const taken = header.split(",").filter((clause) => !REFUSED.test(clause));
  return (["gzip", "deflate"] as const).find((name) => taken.some((clause) => clause.split(";")[0]!.trim() === name));
}
