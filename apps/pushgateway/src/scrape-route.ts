import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { gather, type MetricFamily, writeAnswer } from "@narthex/exposition";
import { plainError, type SelfMetrics } from "@narthex/http";
import type { PushGroups } from "@narthex/pushing";
import type { Logger } from "@narthex/runtime";
import type { FastifyInstance } from "fastify";

const gzipped = promisify(gzip);

export interface ScrapeRouteOptions {
  readonly path: string;
  readonly groups: PushGroups;
  readonly self: SelfMetrics;
  readonly logger: Logger;
}

/** Own and pushed families together, in the format the scraper asks for. */
export function scrapeRoute(app: FastifyInstance, { path, groups, self, logger }: ScrapeRouteOptions): void {
  app.get(path, async (request, reply) => {
    const own = await self.families();
    groups.setOwnFamilies(own);
    const pushed = groups.expose();
    if ("problem" in pushed) {
      logger.error("error gathering metrics", { err: pushed.problem });
      return plainError(reply, 500, `An error has occurred while serving metrics:\n\n${pushed.problem}`);
    }
    const answer = writeAnswer(together(own, pushed.families), request.headers.accept);
    reply.header("content-type", answer.contentType);
    const isGzip = /\bgzip\b/.test(request.headers["accept-encoding"]?.toString() ?? "");
    if (!isGzip) return reply.send(answer.body);
    return reply.header("content-encoding", "gzip").send(await gzipped(answer.body));
  });
}

/** Pushed families come sorted; only own ones, and pushed ones that share an own name, are brought into order here. */
function together(own: readonly MetricFamily[], pushed: readonly MetricFamily[]): MetricFamily[] {
  const names = new Set(own.map(({ name }) => name));
  const shared = pushed.filter(({ name }) => names.has(name));
  const apart = shared.length === 0 ? pushed : pushed.filter(({ name }) => !names.has(name));
  return [...gather([...own, ...shared]), ...apart];
}
