import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { parseRemoteWrite } from "@narthex/config";
import { ManualClock } from "@narthex/runtime/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type SendOutcome, WriteClient } from "./write-client.ts";

interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

let answer: Answer = { status: 204 };
let asked: IncomingHttpHeaders = {};
const server = createServer((request, response) => {
  asked = request.headers;
  request.resume().on("end", () => response.writeHead(answer.status, answer.headers).end(answer.body));
});

beforeAll(() => new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve)));
afterAll(() => new Promise<void>((resolve) => void server.close(() => resolve())));

async function send(given: Answer, settings = "", attempt = 0): Promise<SendOutcome> {
  answer = given;
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/write`;
  const config = parseRemoteWrite(`{url: "${url}", ${settings}}`, "utf8");
  const clock = new ManualClock(Date.UTC(2026, 0, 1));
  const client = await WriteClient.open(
    { ...config, retryOnHttp429: config.queue.retryOnHttp429 },
    { clock, userAgent: "Prometheus/3.14.0" },
  );
  try {
    return await client.send(Uint8Array.of(1, 2), attempt, new AbortController().signal);
  } finally {
    await client.close();
  }
}

test("an accepted request is sent; a refused one is reported with the beginning of the reason", async () => {
  expect(await send({ status: 200 })).toEqual({ kind: "sent", written: undefined });
  const body = "x".repeat(2000);
  expect(await send({ status: 400, body })).toEqual({
    kind: "refused",
    problem: `server returned HTTP status 400 Bad Request: ${"x".repeat(1024)}`,
    written: undefined,
  });
});

test("after an error of the receiver, or 429 if enabled, a request is tried again at the time that the receiver asks for", async () => {
  const again = { kind: "again", problem: "server returned HTTP status 503 Service Unavailable: down" };
  expect(await send({ status: 503, body: "down" })).toEqual({ ...again, retryAfterMs: 0 });
  const at = (value: string): Promise<SendOutcome> =>
    send({ status: 503, body: "down", headers: { "retry-after": value } });
  expect(await at("7")).toEqual({ ...again, retryAfterMs: 7000 });
  expect(await at("Thu, 01 Jan 2026 00:00:30 GMT")).toEqual({ ...again, retryAfterMs: 30_000 });
  expect(await at("soon")).toEqual({ ...again, retryAfterMs: 0 });
  expect((await send({ status: 429 })).kind).toBe("refused");
  expect((await send({ status: 429 }, "queue_config: {retry_on_http_429: true}")).kind).toBe("again");
});

test("receivers of 2.0 report what they have written", async () => {
  const second = "protobuf_message: io.prometheus.write.v2.Request";
  const headers = {
    "x-prometheus-remote-write-samples-written": "3",
    "x-prometheus-remote-write-histograms-written": "2",
  };
  const written = { samples: 3, histograms: 2, exemplars: 0 };
  expect(await send({ status: 204, headers }, second)).toEqual({ kind: "sent", written });
  expect(await send({ status: 204 }, second)).toEqual({ kind: "sent", written: undefined });
  expect(asked["content-type"]).toBe("application/x-protobuf;proto=io.prometheus.write.v2.Request");
  expect(asked["x-prometheus-remote-write-version"]).toBe("2.0.0");
});

test("a request that is tried again has a header with the number of the try", async () => {
  await send({ status: 204 });
  expect(asked["retry-attempt"]).toBeUndefined();
  await send({ status: 204 }, "", 3);
  expect(asked["retry-attempt"]).toBe("3");
});
