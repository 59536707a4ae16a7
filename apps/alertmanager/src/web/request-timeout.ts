import { formatGoDuration } from "@narthex/model";
import type { Clock } from "@narthex/runtime";
import type { FastifyInstance } from "fastify";

/** Answers a request with 503 if it has no answer after `ms`. Its handler continues, and its result is discarded. */
export function limitTime(app: FastifyInstance, clock: Clock, ms: number): void {
  if (ms <= 0) return;
  const text = `Exceeded configured timeout of ${formatGoDuration(ms)}.\n`;
  app.addHook("onRequest", async (request, reply) => {
    const cancel = clock.after(ms, () => {
      if (reply.sent) return;
      reply.code(503).type("text/plain; charset=utf-8").send(text);
      // Closes the connection after the answer if the request's body has not arrived completely, instead of waiting for
      // the remaining bytes.
      if (!request.raw.complete) reply.raw.once("finish", () => request.raw.destroy());
    });
    reply.raw.once("close", cancel);
  });
}
