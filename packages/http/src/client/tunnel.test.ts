import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { afterEach, expect, test } from "vitest";
import { describeFailure } from "./failure.ts";
import { openTunnel, type TunnelOptions } from "./tunnel.ts";

const closers: (() => unknown)[] = [];
afterEach(() => closers.splice(0).forEach((close) => close()));

/** Starts a proxy that answers CONNECT requests with `answer`. */
async function proxy(answer: (socket: Socket, request: string) => void): Promise<TunnelOptions> {
  const server: Server = createServer((socket) => {
    closers.push(() => socket.destroy());
    socket.on("error", () => undefined).on("data", (bytes) => answer(socket, String(bytes)));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closers.push(() => server.close());
  const { port } = server.address() as AddressInfo;
  return {
    proxy: { secure: false, host: "127.0.0.1", port, authorization: "Basic x" },
    authority: "a:443",
    fields: "X-One: 1\r\n",
    tls: () => ({}),
    verify: () => undefined,
    signal: new AbortController().signal,
  };
}

test("a tunnel passes on the bytes after the proxy's answer", async () => {
  const asked: string[] = [];
  const options = await proxy((socket, request) => {
    asked.push(request);
    socket.write(asked.length === 1 ? "HTTP/1.1 200 Go\r\n\r\n" : "pong");
  });
  const socket = await openTunnel(options);
  closers.push(() => socket.destroy());
  const answer = new Promise((resolve) => socket.once("data", (bytes) => resolve(String(bytes))));
  socket.resume().write("ping");
  expect(await answer).toBe("pong");
  const head = "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\nProxy-Authorization: Basic x\r\nX-One: 1\r\n\r\n";
  expect(asked).toEqual([head, "ping"]);
});

test.each([
  ["HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", "Proxy Authentication Required"],
  ["HTTP/1.1 503 Not Today\r\n\r\n", "Not Today"],
  ["HTTP/1.1 503\r\n\r\n", "unknown status code"],
  ["", "unexpected EOF"],
])("a proxy that answers %j: %s", async (answer, text) => {
  await expect(openTunnel(await proxy((socket) => socket.end(answer)))).rejects.toThrow(text);
});

test("an unreachable proxy and an aborted wait are errors", async () => {
  const options = await proxy(() => undefined);
  const nowhere = { ...options, proxy: { ...options.proxy, port: 1 } };
  const error = await openTunnel(nowhere).catch((problem: unknown) => problem);
  expect(describeFailure("GET", "https://a/", error)).toContain("proxyconnect tcp: dial tcp 127.0.0.1:1: connect: ");
  const controller = new AbortController();
  const waiting = openTunnel({ ...options, signal: controller.signal });
  controller.abort(new Error("given up"));
  await expect(waiting).rejects.toThrow("given up");
});
