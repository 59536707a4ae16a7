import { negotiateAnswer } from "@narthex/exposition";
import { access, gzipScrape, plainError, type SelfMetrics } from "@narthex/http";
import { exposeFamilies, type PushGroups } from "@narthex/pushing";
import type { Logger } from "@narthex/runtime";
import type { FastifyInstance } from "fastify";

export interface ScrapeRouteOptions {
  readonly path: string;
  readonly groups: PushGroups;
  readonly self: SelfMetrics;
  readonly logger: Logger;
}

/** Serves own and pushed families together, in the format that the scraper asks for. */
export function scrapeRoute(app: FastifyInstance, { path, groups, self, logger }: ScrapeRouteOptions): void {
  app.get(path, { ...access("read"), onSend: gzipScrape }, async (request, reply) => {
    const own = await self.families();
    const answer = negotiateAnswer(request.headers.accept);
    const { problem, body } = await groups.read(() => {
      const found = groups.index.problem(groups.own);
      return found === undefined ? { body: exposeFamilies(own, groups.index, answer) } : { problem: found };
    });
    if (body === undefined) {
      logger.error("error gathering metrics", { err: problem });
      return plainError(reply, 500, `An error has occurred while serving metrics:\n\n${problem}`);
    }
    return reply.header("content-type", answer.contentType).send(body);
  });
}
