import { promisify } from "node:util";
import { deflate, gzip } from "node:zlib";
import type { FastifyInstance } from "fastify";

const gzipped = promisify(gzip);
const deflated = promisify(deflate);

/** Compresses the answers of a plugin's routes when the client takes it; off the main thread, by zlib's pool. */
export function compressAnswers(app: FastifyInstance): void {
  app.addHook("onSend", async (request, reply, payload: unknown) => {
    if (typeof payload !== "string" && !(payload instanceof Uint8Array)) return payload;
    if (payload.length === 0 || reply.hasHeader("content-encoding")) return payload;
    const accepted = request.headers["accept-encoding"] ?? "";
    const encoding = /\bgzip\b/.test(accepted) ? "gzip" : /\bdeflate\b/.test(accepted) ? "deflate" : undefined;
    if (encoding === undefined) return payload;
    reply.header("content-encoding", encoding).removeHeader("content-length");
    return encoding === "gzip" ? gzipped(payload) : deflated(payload);
  });
}
