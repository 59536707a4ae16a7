import { plainError } from "@narthex/http";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";

interface Options {
  /** `--web.enable-lifecycle`. */
  readonly enabled: boolean;
  /** Applies the configuration file anew; throws with the sentence for the client. */
  readonly reload: () => Promise<void>;
  readonly quit: () => void;
  /** 200, or why not yet. */
  readonly ready: () => "ready" | "starting" | "stopping";
}

const text = (reply: FastifyReply, body: string): FastifyReply =>
  reply.header("content-type", "text/plain; charset=utf-8").send(body);

/** `/-/healthy`, `/-/ready`, `/-/reload` and `/-/quit`. */
export function lifecycleRoutes(app: FastifyInstance, { enabled, reload, quit, ready }: Options): void {
  app.route({
    method: ["GET", "HEAD"],
    url: "/-/healthy",
    handler: async (_request, reply) => text(reply, "Prometheus Server is Healthy.\n"),
  });
  app.route({
    method: ["GET", "HEAD"],
    url: "/-/ready",
    handler: async (_request, reply) => {
      const state = ready();
      if (state === "ready") return text(reply, "Prometheus Server is Ready.\n");
      reply.header("x-prometheus-stopping", String(state === "stopping"));
      return text(reply.code(503), "Service Unavailable");
    },
  });
  const guarded = (url: string, act: (reply: FastifyReply) => Promise<FastifyReply>): void => {
    const handler = async (_request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> =>
      enabled ? act(reply) : text(reply.code(403), "Lifecycle API is not enabled.");
    app.route({ method: ["POST", "PUT"], url, handler });
    app.get(url, async (_request, reply) => text(reply.code(405), "Only POST or PUT requests allowed"));
  };
  guarded("/-/reload", async (reply) => {
    try {
      await reload();
      return text(reply, "");
    } catch (error) {
      return plainError(
        reply,
        500,
        `failed to reload config: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  });
  guarded("/-/quit", async (reply) => {
    quit();
    return text(reply, "Requesting termination... Goodbye!");
  });
}
