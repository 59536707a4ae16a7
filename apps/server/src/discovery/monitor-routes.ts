import type { MonitorManager } from "@narthex/discovery";
import { access, sendSuccess } from "@narthex/http";
import type { FastifyInstance } from "fastify";

/**
 * Serves `/narthex/kubernetes-monitors`, the state of each monitor object of Kubernetes. Prometheus has no such
 * endpoint.
 */
export function monitorRoutes(app: FastifyInstance, manager: Pick<MonitorManager, "monitors">): void {
  app.get("/narthex/kubernetes-monitors", access("read"), async (_request, reply) =>
    sendSuccess(reply, { data: { monitors: manager.monitors } }),
  );
}
