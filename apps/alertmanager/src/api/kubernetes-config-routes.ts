import { sendPlainJson } from "@narthex/alerting";
import { access } from "@narthex/http";
import type { FastifyInstance } from "fastify";
import type { KubernetesConfigStatus } from "../kubernetes-configs/object-states.ts";

/**
 * Serves `/narthex/kubernetes-configs`, the state of each AlertmanagerConfig of Kubernetes. Alertmanager has no such
 * endpoint.
 */
export const kubernetesConfigRoutes =
  (statuses: () => readonly KubernetesConfigStatus[]) =>
  (app: FastifyInstance): void => {
    app.get("/narthex/kubernetes-configs", access("read"), (_request, reply) =>
      sendPlainJson(reply, { configs: statuses() }),
    );
  };
