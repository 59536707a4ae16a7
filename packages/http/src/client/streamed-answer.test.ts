import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { defaultHttpClient } from "@narthex/config";
import { ManualClock } from "@narthex/runtime/testing";
import { expect, onTestFinished, test } from "vitest";
import { createHttpClient, type ExchangeClient, type HttpClientOptions } from "./http-client.ts";

const NOTHING_SPECIAL = { ...defaultHttpClient, followRedirects: false, enableHttp2: false };

async function client(options: HttpClientOptions = {}): Promise<ExchangeClient> {
  const made = await createHttpClient(NOTHING_SPECIAL, options);
  onTestFinished(() => made.close());
  return made;
}

/** Starts a server that answers requests with `answer`. Also returns the sockets of the server's clients. */
async function serving(answer: (request: IncomingMessage, body: string, response: ServerResponse) => void) {
  const sockets: Socket[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (piece: Buffer) => (body += piece.toString()));
    request.on("end", () => answer(request, body, response));
  }).on("connection", (socket) => sockets.push(socket));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => server.closeAllConnections());
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api`, sockets };
}

async function textOf(body: AsyncIterable<Buffer>): Promise<string> {
  let text = "";
  for await (const piece of body) text += piece.toString();
  return text;
}

test("a body is sent with its length, and a redirect is returned as an answer", async () => {
  const { url } = await serving((request, body, response) => {
    response.writeHead(303, { location: "/else", "x-length": request.headers["content-length"] });
    response.end(`${request.method} ${request.headers["content-length"]} ${request.headers["accept"]} ${body}`);
  });
  const { exchange } = await client();
  const answer = await exchange(url, { method: "POST", headers: { Accept: "a/b" }, body: "query=é" });
  expect(answer?.head).toMatchObject({ status: 303, statusText: "303 See Other", location: "/else" });
  expect(await textOf(answer.body)).toBe("POST 8 a/b query=é");
});

test("a long body waits for its reader and arrives complete; the connection serves the next request", async () => {
  const piece = "0123456789abcdef".repeat(4096);
  const { url, sockets } = await serving((_request, body, response) => {
    if (body === "short") response.end("short");
    else response.end(piece.repeat(400));
  });
  const { exchange } = await client();
  const long = await exchange(url, { method: "POST", body: "long" });
  // Waits until the server's socket buffer is full. The test does not read the body, and the memory of this process
  // must not fill up.
  while (sockets[0]!.writableLength === 0) await new Promise((resolve) => setImmediate(resolve));
  expect(long.body.readableLength).toBeLessThan(1024 * 1024);
  expect(await textOf(long.body)).toBe(piece.repeat(400));
  expect(await textOf((await exchange(url, { method: "POST", body: "short" })).body)).toBe("short");
  expect(sockets.length).toBe(1);
});

test("destroying a body or aborting its request closes the connection", async () => {
  const { url, sockets } = await serving((_request, _body, response) => void response.write("begun"));
  const { exchange } = await client();
  const left = await exchange(url, {});
  left.body.destroy();
  await new Promise((resolve) => sockets[0]!.once("close", resolve));
  const stopped = new AbortController();
  const broken = await exchange(url, { signal: stopped.signal });
  stopped.abort(new Error("too late"));
  await expect(textOf(broken.body)).rejects.toThrow("too late");
  await expect(exchange(url, { signal: stopped.signal })).rejects.toThrow("too late");
});

test("a connection that was closed meanwhile is replaced, also for a POST", async () => {
  const { url, sockets } = await serving((_request, body, response) => response.end(body));
  const { exchange } = await client();
  await textOf((await exchange(url, { method: "POST", body: "a" })).body);
  // Closes the connection. The client notices this before or while it sends, and gets the answer in both cases.
  sockets[0]!.destroy();
  expect(await textOf((await exchange(url, { method: "POST", body: "b" })).body)).toBe("b");
  expect(sockets.length).toBe(2);
});

test("a request with `once` is sent once, although its idle connection was closed", async () => {
  let asked = 0;
  const { url } = await serving((_request, body, response) => {
    asked++;
    if (body === "again") response.socket!.destroy();
    else response.end("taken");
  });
  const { exchange } = await client();
  const post = async (body: string): Promise<string> =>
    textOf((await exchange(url, { method: "POST", body, once: true })).body);
  expect(await post("first")).toBe("taken");
  await expect(post("again")).rejects.toThrow("EOF");
  expect(asked).toBe(2);
  expect(await post("more")).toBe("taken");
});

test("a request with `once` does not use a connection that its server may be about to close", async () => {
  const { url, sockets } = await serving((_request, body, response) => response.end(body));
  const clock = new ManualClock();
  const { exchange } = await client({ clock });
  for (const [waitMs, connections] of [
    [0, 1],
    [3999, 1],
    [4001, 2],
    [100, 2],
  ] as const) {
    // oxlint-disable-next-line no-await-in-loop -- time goes on
    await clock.advance(waitMs);
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    expect(await textOf((await exchange(url, { method: "POST", body: "a", once: true })).body)).toBe("a");
    expect(sockets.length).toBe(connections);
  }
});

test("names are resolved with the client's lookup, and the request's own Host is sent", async () => {
  const { url } = await serving((request, _body, response) => response.end(request.headers.host));
  const refusing = await client({ lookup: (_name, _options, done) => done(new Error("not there"), "", 0) });
  await expect(refusing.exchange(url.replace("127.0.0.1", "host.test"), {})).rejects.toThrow("not there");
  const usual = await client();
  expect(await textOf((await usual.exchange(url, { headers: { Host: "a.test" } })).body)).toBe("a.test");
});
