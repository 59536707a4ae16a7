import type { FastifyInstance, FastifyRequest } from "fastify";

export interface AnsweredRequest {
  readonly request: FastifyRequest;
  /** The route's pattern. */
  readonly route: string;
  /** HTTP method in lower case, as in metric labels. */
  readonly method: string;
  /** Status code of the answer, as text. */
  readonly code: string;
  readonly seconds: number;
  /** Size of the answer's body in bytes; 0 for a streamed answer. */
  readonly bytes: number;
}

/**
 * Calls `observe` for each answer of a route. Unknown paths are not observed, because a scanner would create a metric
 * series for each path.
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
