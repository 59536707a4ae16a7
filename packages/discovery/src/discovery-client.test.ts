import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { defaultHttpClient } from "@narthex/config";
import { createHttpClient, SelfMetrics } from "@narthex/http";
import { ManualClock, memoryLogger } from "@narthex/runtime/testing";
import { expect, onTestFinished, test } from "vitest";
import { discoveryMetrics } from "./metrics.ts";
import { DiscoveryClient } from "./discovery-client.ts";

/**
 * Returns a discovery client and a test server. The server closes the connection instead of answering the requests
 * numbered `dropped`.
 */
async function setUp(...dropped: readonly number[]) {
  let count = 0;
  const server = createServer((request, response) => {
    if (dropped.includes(++count)) request.socket.destroy();
    else response.end(`answer ${count}`);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const stopping = new AbortController();
  onTestFinished(() => stopping.abort(new Error("stopped")));
  const clock = new ManualClock();
  const client = await DiscoveryClient.open(defaultHttpClient, {
    clock,
    logger: memoryLogger(),
    metrics: discoveryMetrics(new SelfMetrics()),
    signal: stopping.signal,
    userAgent: "Prometheus/x",
    connect: createHttpClient,
    set: "a",
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const ask = (method: "GET" | "POST", timeoutMs = 60_000) => client.request(url, { method, timeoutMs });
  return { ask, url, clock };
}

test("a GET is repeated once if the server closed its connection", async () => {
  const { ask } = await setUp(2);
  expect((await ask("GET")).text).toBe("answer 1");
  expect((await ask("GET")).text).toBe("answer 3");
});

test("a GET fails if its connection is closed twice, and a POST if it is closed once", async () => {
  const { ask, url } = await setUp(1, 2, 3);
  await expect(ask("GET")).rejects.toThrow(`Get "${url}": EOF`);
  await expect(ask("POST")).rejects.toThrow(`Post "${url}": EOF`);
  expect((await ask("POST")).text).toBe("answer 4");
});

test("a time limit of 0 is the longest limit, as a refresh interval of 0 gives it", async () => {
  const { ask, clock } = await setUp();
  const answer = ask("GET", 0);
  await clock.advance(0);
  expect((await answer).text).toBe("answer 1");
});
