import { createServer, type Server } from "node:net";
import { once } from "node:events";
import { describe, expect, test } from "vitest";
import { httpStatus } from "./http-status.ts";

describe("httpStatus()", () => {
  test.each([
    ["HTTP/1.1 200 OK\r\n\r\n", 200],
    ["HTTP/1.1 302 Found\r\nLocation: /graph\r\n\r\n", 302],
    ["HTTP/1.0 503 \r\n", 503],
    ["HTTP/1.1 200\r\n", 200],
    ["SSH-2.0-OpenSSH_9.2\r\n", undefined],
    ["x".repeat(100_000), undefined],
    ["", undefined],
  ])("reads the status of %j", async (answer, status) => {
    await using server = await answering([answer]);
    expect(await httpStatus(server.port, "/-/ready", 5000, "127.0.0.1")).toBe(status);
    if (answer !== "") expect(server.asked()).toMatch(/^GET \/-\/ready HTTP\/1\.1\r\n/);
  });

  test("joins a status line that arrives in several pieces", async () => {
    await using server = await answering(["HTT", "P/1.1 2", "04 No Content\r\n"]);
    expect(await httpStatus(server.port, "/", 5000, "127.0.0.1")).toBe(204);
  });

  test("returns undefined if no program listens", async () => {
    const server = await answering([""]);
    await server[Symbol.asyncDispose]();
    expect(await httpStatus(server.port, "/", 5000, "127.0.0.1")).toBeUndefined();
  });

  test("stops waiting for a server that accepts the request and sends nothing", async () => {
    await using server = await answering(undefined);
    expect(await httpStatus(server.port, "/", 20, "127.0.0.1")).toBeUndefined();
  });
});

/**
 * Starts a server that sends these pieces of a response and closes the connection. With undefined, the server never
 * answers.
 */
async function answering(
  pieces: readonly string[] | undefined,
): Promise<AsyncDisposable & { readonly port: number; asked(): string }> {
  let asked = "";
  const server: Server = createServer((socket) => {
    socket.setNoDelay(true);
    socket.on("error", () => {});
    socket.on("data", async (bytes) => {
      asked += bytes.toString();
      for (const piece of pieces ?? []) await new Promise((written) => socket.write(piece, written));
      if (pieces !== undefined) socket.end();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  return {
    port,
    asked: () => asked,
    [Symbol.asyncDispose]: () => new Promise((closed) => void server.close(() => closed())),
  };
}
