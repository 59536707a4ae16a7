import type { FastifyInstance, FastifyRequest } from "fastify";

/** A request that one of the routes has answered. */
export interface AnsweredRequest {
  readonly request: FastifyRequest;
  /** The route's pattern. */
  readonly route: string;
  /** In lower case, as metrics have it. */
  readonly method: string;
  /** The status. */
  readonly code: string;
  readonly seconds: number;
  /** Bytes of the body; 0 for an answer that was streamed. */
  readonly bytes: number;
}

/** Tells of each answer of a route. Unknown paths are left out: a scanner would make a series of each in a metric. */
export function observeAnswers(app: FastifyInstance, observe: (answered: AnsweredRequest) => void): void {
  app.addHook("onResponse", (request, reply, done) => {
    const { url } = request.routeOptions;
    if (url !== undefined) {
      observe({
        request,
        route: url,
        method: request.method.toLowerCase(),
        code: String(reply.statusCode),
        seconds: reply.elapsedTime / 1000,
        bytes: Number(reply.getHeader("content-length") ?? 0),
      });
    }
    done();
  });
}
