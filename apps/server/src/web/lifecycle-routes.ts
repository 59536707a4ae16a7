import { access, plainError } from "@narthex/http";
import type { FastifyInstance, FastifyReply } from "fastify";

interface Options {
  readonly mode: "Agent" | "Server";
  /** Reads and applies the configuration file again. Rejects with an error whose message is sent to the client. */
  readonly reload: () => Promise<void>;
  readonly quit: () => void;
  readonly ready: () => "ready" | "starting" | "stopping";
}

const text = (reply: FastifyReply, body: string): FastifyReply =>
  reply.header("content-type", "text/plain; charset=utf-8").send(body);

/** Serves `/-/healthy`, `/-/ready`, `/-/reload` and `/-/quit`. */
export function lifecycleRoutes(app: FastifyInstance, { mode, reload, quit, ready }: Options): void {
  app.route({
    ...access("read", { scope: "open" }),
    method: ["GET", "HEAD"],
    url: "/-/healthy",
    handler: async (_request, reply) => text(reply, `Prometheus ${mode} is Healthy.\n`),
  });
  app.route({
    ...access("read", { scope: "open" }),
    method: ["GET", "HEAD"],
    url: "/-/ready",
    handler: async (_request, reply) => {
      const state = ready();
      if (state === "ready") return text(reply, `Prometheus ${mode} is Ready.\n`);
      reply.header("x-prometheus-stopping", String(state === "stopping"));
      return text(reply.code(503), "Service Unavailable");
    },
  });
  const guarded = (url: string, act: (reply: FastifyReply) => Promise<FastifyReply>): void => {
    app.route({ ...access("lifecycle"), method: ["POST", "PUT"], url, handler: (_request, reply) => act(reply) });
    app.get(url, access("read", { scope: "open" }), async (_request, reply) =>
      text(reply.code(405), "Only POST or PUT requests allowed"),
    );
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
