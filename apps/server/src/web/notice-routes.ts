import type { ServerResponse } from "node:http";
import { access, sendSuccess, useEnvelope } from "@narthex/http";
import type { FastifyInstance } from "fastify";
import type { Notice, Notices } from "./notices.ts";

/** Serves `/notifications`, and `/notifications/live` as a stream of server-sent events. */
export function noticeRoutes(app: FastifyInstance, { notices }: { notices: Notices }): void {
  void app.register(async (api) => {
    useEnvelope(api);
    api.get("/notifications", access("read", { series: "none" }), async (_request, reply) =>
      sendSuccess(reply, { data: notices.list() }),
    );
  });
  const streams = new Set<ServerResponse>();
  // Ends the event streams when the server closes, because the server would otherwise wait for them.
  app.addHook("preClose", async () => {
    for (const stream of streams) stream.end();
  });
  app.get("/notifications/live", access("read", { series: "none" }), (_request, reply) => {
    const { raw } = reply;
    const send = (notification: Notice): void => {
      // Counts the event as dropped for a client that has not read earlier events.
      if (raw.writableNeedDrain) notices.dropped++;
      else raw.write(`data: ${JSON.stringify(notification)}\n\n`);
    };
    const stop = notices.listen(send);
    if (stop === undefined) return reply.code(204).send();
    // Writes directly to the socket, so that events are not compressed. The headers that hooks have set are still sent.
    reply.hijack();
    reply.headers({ "content-type": "text/event-stream", "cache-control": "no-cache", connection: "keep-alive" });
    for (const [name, value] of Object.entries(reply.getHeaders())) raw.setHeader(name, value ?? "");
    streams.add(raw);
    raw.once("close", () => {
      streams.delete(raw);
      stop();
    });
    raw.flushHeaders();
    for (const notification of notices.list()) send(notification);
    return reply;
  });
}
