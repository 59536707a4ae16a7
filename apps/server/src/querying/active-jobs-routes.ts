import { access, ApiError, sendSuccess } from "@narthex/http";
import type { ActiveJob, QueryScheduler } from "@narthex/querying";
import type { Clock } from "@narthex/runtime";
import type { FastifyInstance, FastifyReply } from "fastify";

type Jobs = QueryScheduler["jobs"];

interface ById {
  readonly Params: { readonly id: string };
}

/**
 * Serves `/narthex/queries`, which lists waiting and running query jobs and cancels them. Prometheus has no such
 * endpoints.
 */
export function activeJobsRoutes(app: FastifyInstance, { jobs, clock }: { jobs: Jobs; clock: Clock }): void {
  app.get("/narthex/queries", access("read"), async (_request, reply) => {
    const now = clock.now();
    return sendSuccess(reply, { data: { queries: jobs.list().map((job) => shownJob(job, now)) } });
  });
  app.delete<ById>("/narthex/queries/:id", access("admin"), async ({ params }, reply) =>
    cancel(jobs, params.id, reply),
  );
  app.post<ById>("/narthex/queries/:id/cancel", access("admin"), async ({ params }, reply) =>
    cancel(jobs, params.id, reply),
  );
}

function cancel(jobs: Jobs, id: string, reply: FastifyReply): FastifyReply {
  if (!/^[1-9]\d*$/.test(id) || !jobs.cancel(Number(id)))
    throw new ApiError("not_found", `no query ${JSON.stringify(id)} waits or runs`);
  return sendSuccess(reply, { data: { id } });
}

/** Returns a query job in the form of the API, with times in seconds. */
function shownJob(job: ActiveJob, now: number): Readonly<Record<string, unknown>> {
  const { id, text, kind, lane, state, thread, startedAt, samples, bytes, principal } = job;
  return {
    id: String(id),
    query: text,
    kind,
    lane,
    state,
    ...(thread === undefined ? {} : { thread }),
    startTime: new Date(startedAt).toISOString(),
    duration: Math.max(0, now - startedAt) / 1000,
    samples,
    bytes,
    ...(principal === undefined ? {} : { principal }),
    ...job.origin,
  };
}
