import type { ProfilePages } from "@narthex/runtime";
import type { FastifyInstance } from "fastify";
import { access } from "../server/access.ts";
import { plainError } from "../server/go-router.ts";

const PROFILES = "/debug/pprof/";

interface ProfileRoutesOptions {
  readonly pages: ProfilePages;
  readonly prefix: string;
  /** URL pattern of the profiling routes, the same as in the Go program that this server replaces. */
  readonly below: "/debug/*" | "/debug/pprof/*";
  readonly methods: readonly ("GET" | "POST")[];
}

/** Serves `/debug/pprof/` below a prefix. */
export function profileRoutes(app: FastifyInstance, { pages, prefix, below, methods }: ProfileRoutesOptions): void {
  app.route({
    ...access("read", { scope: "admin" }),
    method: [...methods],
    url: `${prefix}${below}`,
    handler: async (request, reply) => {
      const url = request.url.slice(app.prefix.length + prefix.length);
      if (!url.startsWith(PROFILES)) return plainError(reply, 404, "404 page not found");
      const gone = new AbortController();
      reply.raw.once("close", () => gone.abort());
      const { status, headers, body } = await pages.answer(url, gone.signal);
      return reply.code(status).headers(headers).send(body);
    },
  });
}
