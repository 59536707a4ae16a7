import type { FastifyInstance, FastifyRequest } from "fastify";

/** A request that a route has answered. */
export interface AnsweredRequest {
  readonly request: FastifyRequest;
  /** The route's pattern. */
  readonly route: string;
  /** Method in lower case, as in metrics. */
  readonly method: string;
  /** Status code of the answer, as text. */
  readonly code: string;
  readonly seconds: number;
  /** Bytes of the body; 0 for a streamed answer. */
  readonly bytes: number;
}

/**
 * Reports each answer of a route. Unknown paths are not reported, because a scanner would create a metric series for
 * each.
 */
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
