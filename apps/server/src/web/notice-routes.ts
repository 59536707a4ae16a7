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
  // End the event streams. Otherwise the server would wait for them when it closes.
  app.addHook("preClose", async () => {
    for (const stream of streams) stream.end();
  });
  app.get("/notifications/live", access("read", { series: "none" }), (_request, reply) => {
    const { raw } = reply;
    const send = (notification: Notice): void => {
      // A client that has not read earlier events misses this event.
      if (raw.writableNeedDrain) notices.dropped++;
      else raw.write(`data: ${JSON.stringify(notification)}\n\n`);
    };
    const stop = notices.listen(send);
    if (stop === undefined) return reply.code(204).send();
    // Write directly to the socket, so that events are not compressed. Headers set by hooks are still sent.
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
