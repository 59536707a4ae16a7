import type { ServerResponse } from "node:http";
import { access, sendSuccess, useEnvelope } from "@narthex/http";
import type { FastifyInstance } from "fastify";
import type { Notice, Notices } from "./notices.ts";

/** Serves `/notifications`, and `/notifications/live` as a stream of server-sent events. */
export function noticeRoutes(app: FastifyInstance, { notices }: { notices: Notices }): void {
  void app.register(async (api) => {
    useEnvelope(api);
    api.get("/notifications", access("read"), async (_request, reply) => sendSuccess(reply, { data: notices.list() }));
  });
  const streams = new Set<ServerResponse>();
  // Streams end only here: a server that closes waits for all of its answers.
  app.addHook("preClose", async () => {
    for (const stream of streams) stream.end();
  });
  app.get("/notifications/live", access("read"), (_request, reply) => {
    const { raw } = reply;
    const tell = (notification: Notice): void => {
      // A client that has not read earlier events misses this one.
      if (raw.writableNeedDrain) notices.dropped++;
      else raw.write(`data: ${JSON.stringify(notification)}\n\n`);
    };
    const stop = notices.listen(tell);
    if (stop === undefined) return reply.code(204).send();
    // Events are not compressed. Headers from hooks are sent as with any answer.
    reply.hijack();
    reply.headers({ "content-type": "text/event-stream", "cache-control": "no-cache", connection: "keep-alive" });
    for (const [name, value] of Object.entries(reply.getHeaders())) raw.setHeader(name, value ?? "");
    streams.add(raw);
    raw.once("close", () => {
      streams.delete(raw);
      stop();
    });
    raw.flushHeaders();
    for (const notification of notices.list()) tell(notification);
    return reply;
  });
}
