import { promisify } from "node:util";
import { gzip } from "node:zlib";
import {
  type ExpositionAnswer,
  gather,
  type MetricFamily,
  negotiateAnswer,
  writeAnswer,
  writeText,
} from "@narthex/exposition";
import { plainError, type SelfMetrics } from "@narthex/http";
import { compareBytewise } from "@narthex/model";
import type { PushGroups } from "@narthex/pushing";
import type { Logger } from "@narthex/runtime";
import type { FastifyInstance } from "fastify";

const gzipped = promisify(gzip);

export interface ScrapeRouteOptions {
  readonly path: string;
  readonly groups: PushGroups;
  readonly self: SelfMetrics;
  readonly logger: Logger;
  /** Names may need escaping for those who ask (--push.enable-utf8-names). */
  readonly hasUtf8Names: boolean;
}

/** Own and pushed families together, in the format the scraper asks for. */
export function scrapeRoute(app: FastifyInstance, options: ScrapeRouteOptions): void {
  const { groups, self, logger } = options;
  app.get(options.path, async (request, reply) => {
    const own = await self.families();
    groups.setOwnFamilies(own);
    const { accept } = request.headers;
    const { format, contentType } = negotiateAnswer(accept);
    const isText = format === "text" && !options.hasUtf8Names;
    const answer = isText ? textAnswer(own, groups, contentType) : anyAnswer(own, groups, accept);
    if ("problem" in answer) {
      logger.error("error gathering metrics", { err: answer.problem });
      return plainError(reply, 500, `An error has occurred while serving metrics:\n\n${answer.problem}`);
    }
    reply.header("content-type", answer.contentType);
    const isGzip = /\bgzip\b/.test(request.headers["accept-encoding"]?.toString() ?? "");
    if (!isGzip) return reply.send(answer.body);
    return reply.header("content-encoding", "gzip").send(await gzipped(answer.body));
  });
}

type Answer = ExpositionAnswer | { readonly problem: string };

function anyAnswer(own: readonly MetricFamily[], groups: PushGroups, accept: string | undefined): Answer {
  const pushed = groups.expose();
  return "problem" in pushed ? pushed : writeAnswer(gather([...own, ...pushed.families]), accept);
}

/** Text is what nearly everybody asks for: pushed families are kept as text, only names shared with own ones are merged. */
function textAnswer(own: readonly MetricFamily[], groups: PushGroups, contentType: string): Answer {
  const pushed = groups.exposeText();
  if ("problem" in pushed) return pushed;
  const ownNames = new Set(own.map(({ name }) => name));
  if (pushed.texts.some(({ name }) => ownNames.has(name))) return anyAnswer(own, groups, undefined);
  const texts = gather(own).map((family) => ({ name: family.name, text: writeText([family]) }));
  const sorted = [...texts, ...pushed.texts].toSorted((a, b) => compareBytewise(a.name, b.name));
  return { contentType, body: sorted.map(({ text }) => text).join("") };
}
