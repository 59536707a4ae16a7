import { request } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { ManualClock, memoryLogger } from "@narthex/runtime/testing";
import fastify from "fastify";
import { expect, test } from "vitest";
import { LEGACY_NAMES } from "../body/name-rules.ts";
import { PushGroups } from "../groups/groups.ts";
import { pushRoutes, type PushRoutesOptions } from "./routes.ts";

async function gateway(options: Partial<PushRoutesOptions> = {}) {
  const logger = memoryLogger();
  const groups = new PushGroups({ clock: new ManualClock(1000), logger, isChecking: true, persistence: undefined });
  const app = fastify();
  pushRoutes(app, {
    groups,
    names: LEGACY_NAMES,
    prefix: "",
    pathOf: (url) => Buffer.from(url.split("?", 1)[0]!),
    isChecking: true,
    logger,
    ...options,
  });
  await app.listen({ port: 0, host: "127.0.0.1" });
  const { port } = app.server.address() as AddressInfo;
  /** Sends the headers of a push and then the body, if given. Resolves with the status of the response. */
  const send = (path: string, length: number, body?: Uint8Array, headers = {}): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      const sending = request({
        port,
        path,
        method: "POST",
        headers: { "content-length": length, ...headers },
      });
      sending.on("error", reject).on("response", (answer) => {
        resolve(answer.statusCode);
        sending.destroy();
      });
      if (body === undefined) sending.flushHeaders();
      else sending.end(body);
    });
  return { app, groups, send, [Symbol.asyncDispose]: () => app.close() };
}

test("an unauthorized push is refused before its body is read", async () => {
  const asked: string[] = [];
  await using bench = await gateway({
    mayChange: async (job) => {
      asked.push(job);
      return job === "mine";
    },
  });
  // Announces a body of 1000 bytes but does not send it. The gateway must refuse the request without waiting for the
  // body.
  expect(await bench.send("/metrics/job/other", 1000)).toBe(401);
  expect(await bench.send("/metrics/job/mine", 4, Buffer.from("a 1\n"))).toBe(200);
  expect(asked).toEqual(["other", "mine"]);
});

test("a body that is too large is refused before it is read, and one with too many metrics before they are stored", async () => {
  await using bench = await gateway({ maxMetrics: 3 });
  expect(await bench.send("/metrics/job/a", 64 * 1024 * 1024 + 1)).toBe(413);
  const packed = gzipSync("a 1\n".repeat(4));
  expect(await bench.send("/metrics/job/a", packed.length, packed, { "content-encoding": "gzip" })).toBe(413);
  expect([...bench.groups.groups]).toEqual([]);
});
