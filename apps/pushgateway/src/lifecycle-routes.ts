import { access, plainError } from "@narthex/http";
import type { PushGroups } from "@narthex/pushing";
import type { FastifyInstance } from "fastify";

export interface LifecycleRoutesOptions {
  readonly prefix: string;
  readonly groups: PushGroups;
  /** Ends the process gracefully. */
  readonly quit: () => void;
}

/** Health, readiness and the request to end. */
export function lifecycleRoutes(app: FastifyInstance, { prefix, groups, quit }: LifecycleRoutesOptions): void {
  for (const check of ["healthy", "ready"]) {
    app.get(`${prefix}/-/${check}`, { config: { access: "read", handlerLabel: check } }, async (_request, reply) => {
      if (groups.isQueueFull) return plainError(reply, 500, "write queue is full");
      // A full disk is no reason to start the process anew, but one to send pushes elsewhere.
      const problem = check === "ready" ? await groups.writeProblem() : undefined;
      if (problem !== undefined) return plainError(reply, 500, `pushes cannot be kept: ${problem}`);
      return reply.type("text/plain; charset=utf-8").send("OK");
    });
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
  app.get(`${prefix}/-/quit`, access("read"), (_request, reply) =>
    reply.code(405).send("Only POST or PUT requests allowed."),
  );
}
