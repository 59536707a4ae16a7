import { negotiateAnswer } from "@narthex/exposition";
import { access, formValues, plainError } from "@narthex/http";
import { type Labels } from "@narthex/model";
import { QueryError } from "@narthex/promql";
import type { QueryLane } from "@narthex/querying";
import type { FastifyInstance, FastifyReply } from "fastify";
import type { Context } from "../context.ts";
import type { AnswerStreams } from "./answer-streams.ts";
import { limitedSelectors } from "./read-limit.ts";
import { requesterOf } from "./request-origin.ts";

interface Options {
  readonly context: Pick<Context, "clock" | "configuration" | "flags" | "metrics">;
  readonly lane: Pick<QueryLane, "list">;
  readonly streams: AnswerStreams;
}

/** Serves `/federate`: the latest sample of each selected series, for another server to scrape. */
export function federateRoute(app: FastifyInstance, { context, lane, streams }: Options): void {
  const { clock, configuration, flags, metrics } = context;
  const errors = metrics.counter(
    "prometheus_web_federation_errors_total",
    "Total number of errors that occurred while sending federation responses.",
  );
  const warned = metrics.counter(
    "prometheus_web_federation_warnings_total",
    "Total number of warnings that occurred while sending federation responses.",
  );
  app.get("/federate", access("read", { scope: "query", series: "limited" }), async (request, reply) => {
    const { contentType, ...format } = negotiateAnswer(request.headers.accept);
    const values = formValues(request);
    if (values.problem !== undefined) return plainError(reply, 400, `error parsing form values: ${values.problem}`);
    const end = clock.now();
    const unreadable = (problem: string): QueryError => new QueryError("bad-query", problem);
    const listing = {
      kind: "federation",
      start: end - flags["query.lookback-delta"],
      end,
      limit: 0,
      format,
      externalLabels: withInstance(configuration.current.global.externalLabels).pairs,
    } as const;
    try {
      // Selects no series if the request contains no selectors.
      const texts = values.getAll("match[]");
      const match = texts.length === 0 ? texts : limitedSelectors(request, texts, unreadable);
      return await streams.send(
        request,
        reply,
        (client) => lane.list({ listing: { ...listing, match }, ...client, ...requesterOf(request) }),
        {
          contentType,
          tail({ warnings }) {
            if (warnings.length > 0) warned.inc();
            return "";
          },
        },
      );
    } catch (error) {
      if (error instanceof QueryError) return refused(reply, error, () => errors.inc());
      errors.inc();
      throw error;
    }
  });
}

/** Answers 400 for selectors that cannot be parsed, and 503 if the server is temporarily overloaded. */
function refused(reply: FastifyReply, { kind, message }: QueryError, failed: () => void): FastifyReply {
  if (kind === "bad-query") return plainError(reply, 400, message);
  failed();
  return plainError(reply, kind === "storage" || kind === "execution" ? 500 : 503, message);
}

/**
 * Returns the external labels to add to series. Series without an instance get an empty instance label, so that the
 * scraping server does not add its own instance label.
 */
function withInstance(external: Labels): { readonly pairs: readonly string[] } {
  if (external.has("instance")) return external;
  const pairs = external.pairs.slice();
  let at = 0;
  while (at < pairs.length && pairs[at]! < "instance") at += 2;
  pairs.splice(at, 0, "instance", "");
  return { pairs };
}
