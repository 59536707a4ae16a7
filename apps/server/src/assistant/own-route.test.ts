import { Readable } from "node:stream";
import fastify from "fastify";
import { expect, onTestFinished, test } from "vitest";
import { MAX_ROUTE_BYTES, readOwnRoute } from "./own-route.ts";
import { ToolError } from "./tools/tool.ts";

/** Returns an app with a short answer, an answer without an end, and an answer that never comes. */
function appOf() {
  const app = fastify();
  onTestFinished(() => app.close());
  const gone: Promise<unknown>[] = [];
  let pieces = 0;
  app.get("/short", () => "é");
  app.get("/endless", (_request, reply) => {
    gone.push(new Promise((resolve) => void reply.raw.once("close", resolve)));
    const piece = Buffer.alloc(64 * 1024, 97);
    return reply.send(
      new Readable({
        read() {
          pieces++;
          setImmediate(() => this.push(piece));
        },
      }),
    );
  });
  app.get("/silent", (_request, reply) => {
    gone.push(new Promise((resolve) => void reply.raw.once("close", resolve)));
    return new Promise(() => undefined);
  });
  const read = (url: string, signal = new AbortController().signal) =>
    readOwnRoute(app, { url, headers: {}, remoteAddress: "127.0.0.1", signal });
  return { read, gone, pieces: () => pieces };
}

test("an answer is read as a whole", async () => {
  expect(await appOf().read("/short")).toEqual({ status: 200, body: "é" });
});

test("an answer without an end is refused after a few MiB, and its route is stopped", async () => {
  const { read, gone, pieces } = appOf();
  await expect(read("/endless")).rejects.toThrow(
    new ToolError(`the answer has more than ${MAX_ROUTE_BYTES} bytes; ask for fewer series, entries or points`),
  );
  await Promise.all(gone);
  expect(pieces() * 64 * 1024).toBeLessThan(2 * MAX_ROUTE_BYTES);
});

test("a call that is cancelled stops its route, and gives its reason if an assistant can use it", async () => {
  const { read, gone } = appOf();
  const late = new AbortController();
  const answer = read("/silent", late.signal);
  setImmediate(() => late.abort(new ToolError("the call took longer than 30 seconds")));
  await expect(answer).rejects.toThrow("longer than 30 seconds");
  const left = new AbortController();
  const other = read("/silent", left.signal);
  setImmediate(() => left.abort());
  await expect(other).rejects.toThrow("the call was cancelled");
  await Promise.all(gone);
});
