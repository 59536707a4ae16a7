import { access, plainError } from "@narthex/http";
import type { PushGroups } from "@narthex/pushing";
import type { FastifyInstance } from "fastify";

export interface LifecycleRoutesOptions {
  readonly prefix: string;
  readonly groups: PushGroups;
  /** Stops the process gracefully. */
  readonly quit: () => void;
}

/** Adds the routes for health, readiness and shutdown. */
export function lifecycleRoutes(app: FastifyInstance, { prefix, groups, quit }: LifecycleRoutesOptions): void {
  for (const check of ["healthy", "ready"]) {
    app.get(
      `${prefix}/-/${check}`,
      { config: { ...access("read", { scope: "open" }).config, handlerLabel: check } },
      async (_request, reply) => {
        if (groups.isQueueFull) return plainError(reply, 500, "write queue is full");
        // Fails only the readiness check if the disk is full, because a restart does not help, but pushes should go to
        // another gateway.
        const problem = check === "ready" ? await groups.writeProblem() : undefined;
        if (problem !== undefined) return plainError(reply, 500, `pushes cannot be kept: ${problem}`);
        return reply.type("text/plain; charset=utf-8").send("OK");
      },
    );
  }
  app.route({
    ...access("lifecycle"),
    method: ["PUT", "POST"],
    url: `${prefix}/-/quit`,
    handler: (_request, reply) => {
      reply.raw.once("finish", quit);
      return reply.send("Requesting termination... Goodbye!");
    },
  });
  app.get(`${prefix}/-/quit`, access("read", { scope: "open" }), (_request, reply) =>
    reply.code(405).send("Only POST or PUT requests allowed."),
  );
}
