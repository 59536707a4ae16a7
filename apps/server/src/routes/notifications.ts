import { sendSuccess, useEnvelope } from "@narthex/http";
import type { FastifyInstance } from "fastify";
import type { Notifications } from "../notifications.ts";

/** `/notifications`, and `/notifications/live` as a stream of server-sent events. */
export function notificationRoutes(app: FastifyInstance, { notifications }: { notifications: Notifications }): void {
  void app.register(async (api) => {
    useEnvelope(api);
    api.get("/notifications", async (_request, reply) => sendSuccess(reply, { data: notifications.list() }));
  });
  app.get("/notifications/live", (request, reply) => {
    const stop = notifications.listen((notification) => reply.raw.write(`data: ${JSON.stringify(notification)}\n\n`));
    if (stop === undefined) return reply.code(204).send();
    reply.hijack();
    reply.raw.writeHead(200, {
      "content-type": "text/event-stream",
      "cache-control": "no-cache",
      connection: "keep-alive",
    });
    for (const notification of notifications.list()) reply.raw.write(`data: ${JSON.stringify(notification)}\n\n`);
    reply.raw.flushHeaders();
    request.raw.once("close", stop);
    return reply;
  });
}
