import { once } from "node:events";
import { type AddressInfo, connect, type Socket } from "node:net";
import { FRAMES_MEDIA_TYPE, PANEL_QUESTIONS_MEDIA_TYPE } from "@narthex/dashboards";
import { type DataSource, QueryDesk } from "@narthex/datasources";
import { ManualClock } from "@narthex/runtime/testing";
import fastify from "fastify";
import { expect, test, vi } from "vitest";
import type { Context } from "../context.ts";
import type { Sources } from "../datasources/sources.ts";
import { openQuerying } from "./querying.ts";
import { CHECK_MS, STALLED_MS, watchResponse } from "./stalled-clients.ts";

/** A response with a connection whose bytes the test counts. */
function sentResponse() {
  const clock = new ManualClock();
  const socket = { bytesWritten: 0, writableLength: 0, destroy: vi.fn<() => void>() };
  let close = (): void => undefined;
  const response = {
    destroyed: false,
    writableLength: 0,
    socket: socket as object | null,
    once: (_: "close", listener: () => void) => (close = listener),
  };
  const hold = (bytes: number): void => {
    socket.writableLength = bytes;
    response.writableLength = bytes;
  };
  watchResponse(response, socket, clock);
  return { clock, socket, response, hold, close: () => close() };
}

test("a client that takes nothing for a minute is disconnected, and one that takes a little is not", async () => {
  const { clock, socket, hold } = sentResponse();
  socket.bytesWritten = 100;
  hold(100);
  for (let round = 0; round < 20; round++) {
    await clock.advance(STALLED_MS - CHECK_MS);
    hold(99 - round);
  }
  expect(socket.destroy).not.toHaveBeenCalled();
  await clock.advance(STALLED_MS + CHECK_MS);
  expect(socket.destroy).toHaveBeenCalledOnce();
  expect(clock.pending).toBe(0);
});

test("a response that waits for its source, or for an earlier response of its connection, is not ended", async () => {
  const { clock, socket, response, hold } = sentResponse();
  await clock.advance(10 * STALLED_MS);
  hold(100);
  response.socket = null;
  await clock.advance(10 * STALLED_MS);
  expect(socket.destroy).not.toHaveBeenCalled();
});

test("the checks end with the response", async () => {
  const sent = sentResponse();
  sent.close();
  expect(sent.clock.pending).toBe(0);
  const late = sentResponse();
  late.response.destroyed = true;
  await late.clock.advance(CHECK_MS);
  expect(late.clock.pending).toBe(0);
});

const LONG = Float64Array.from({ length: 3_000_000 }, (_, at) => at);
const FRAME = { length: LONG.length, fields: [{ name: "v", type: "number", values: LONG, config: {} }] };
const QUERIES = [{ refId: "A", datasource: { uid: "t" } }];
const RANGE = { from: "0", to: "60000" };
const PAGE = [JSON.stringify({ panels: [{ ...RANGE, has: "" }] }), JSON.stringify(QUERIES)].join("\n");

function requestHead(path: string, type: string, body: string): string {
  const head = ["host: x", `content-type: ${type}`, `accept: ${FRAMES_MEDIA_TYPE}`, `content-length: ${body.length}`];
  return [`POST ${path} HTTP/1.1`, ...head, "", body].join("\r\n");
}

test.each([
  ["/api/ds/query", "application/json", JSON.stringify({ ...RANGE, queries: QUERIES })],
  ["/api/narthex/panels/query", PANEL_QUESTIONS_MEDIA_TYPE, PAGE],
])("a client that does not read its answer from %s loses its connection", async (path, type, body) => {
  const clock = new ManualClock();
  const source = { query: () => Promise.resolve(new Map([["A", { status: 200, frames: [FRAME] }]])) };
  const sourceOf = () => source as unknown as DataSource;
  const visible = () => ({ context: { user: "ann", sourceOf }, referred: sourceOf });
  const desk = new QueryDesk({ clock });
  const app = fastify();
  app.decorateRequest("principal", { getter: () => ({ kind: "user", name: "ann" }) } as never);
  await openQuerying({ clock } as unknown as Context, { instances: { desk }, visible } as unknown as Sources).routes!({
    app,
  } as never);
  await app.listen({ port: 0, host: "127.0.0.1" });
  const accepted: Socket[] = [];
  app.server.on("connection", (socket) => accepted.push(socket));
  const client = connect((app.server.address() as AddressInfo).port, "127.0.0.1");
  client.on("error", () => undefined).pause();
  client.write(requestHead(path, type, body));
  await vi.waitFor(() => expect(accepted[0]?.writableNeedDrain).toBe(true), 10_000);
  const closed = once(accepted[0]!, "close");
  // The operating system still accepts some bytes after the first checks.
  await vi.waitFor(async () => {
    await clock.advance(CHECK_MS);
    expect(accepted[0]!.destroyed).toBe(true);
  }, 10_000);
  await closed;
  client.destroy();
  await app.close();
});
