import { once } from "node:events";
import { connect } from "node:net";
import type { AddressInfo } from "node:net";
import { systemClock } from "@narthex/runtime";
import { memoryLogger } from "@narthex/runtime/testing";
import fastify from "fastify";
import { expect, onTestFinished, test } from "vitest";
import { access } from "./access.ts";
import { bodyOf, contentTypeOf, readHeldBodies, readRawBodies } from "./raw-bodies.ts";
import { createHttpServer } from "./server.ts";

test("bodies are bytes, whatever their Content-Type", async () => {
  const app = fastify();
  readRawBodies(app);
  app.post("/", (request) => ({ type: contentTypeOf(request), body: Buffer.from(bodyOf(request)).toString() }));
  for (const type of ["application/json", "no type at all", "a/b;c"]) {
    const response = await app.inject({ method: "POST", url: "/", headers: { "content-type": type }, body: "{x" });
    expect(response.json()).toEqual({ type, body: "{x" });
  }
});

test("a body over its limit gets 413, one over the limit of all bodies gets 503, and held memory is released", async () => {
  const app = fastify();
  readHeldBodies(app, { maxBytes: 100, maxHeldBytes: 150, freeBytes: 0 });
  app.post("/", (request) => String(bodyOf(request).length));
  await app.listen({ port: 0, host: "127.0.0.1" });
  onTestFinished(() => app.close());
  const { port } = app.server.address() as AddressInfo;
  const post = async (length: number): Promise<readonly [number, string]> => {
    const response = await fetch(`http://127.0.0.1:${port}/`, { method: "POST", body: "x".repeat(length) });
    return [response.status, await response.text()];
  };
  expect(await post(100)).toEqual([200, "100"]);
  expect(await post(101)).toEqual([413, "the body is larger than 100 bytes; send less at once\n"]);
  // Sends most of a body from another client, which then waits.
  const slow = connect(port, "127.0.0.1");
  await once(slow, "connect");
  const received = new Promise<void>((resolve) => app.server.once("request", () => resolve()));
  slow.write(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n${"x".repeat(90)}`);
  await received;
  await expect
    .poll(() => post(80))
    .toEqual([503, "bodies in progress hold more than 150 bytes; send this body again later\n"]);
  slow.destroy();
  await expect.poll(() => post(80)).toEqual([200, "80"]);
});

test("a body of unknown length that exceeds its limit is answered before the connection ends", async () => {
  const logger = memoryLogger();
  const server = await createHttpServer({ listen: ["127.0.0.1:0"], webConfigFile: "", clock: systemClock, logger });
  await server.app.register(async (scope) => {
    readHeldBodies(scope, { maxBytes: 100, maxHeldBytes: 150, freeBytes: 0 });
    scope.post("/", access("write", { scope: "push" }), (request) => String(bodyOf(request).length));
  });
  const [address] = await server.start();
  onTestFinished(() => server.stop());
  const client = connect(Number(address!.split(":")[1]), "127.0.0.1");
  client.write(`POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n65\r\n${"x".repeat(101)}\r\n`);
  let answer = "";
  for await (const piece of client) answer += String(piece);
  expect(answer).toMatch(/^HTTP\/1\.1 413 [^]*\r\n\r\nthe body is larger than 100 bytes; send less at once\n$/);
});

test("short bodies are accepted, whatever the memory of long ones", async () => {
  const app = fastify();
  readHeldBodies(app, { maxBytes: 1000, maxHeldBytes: 100, freeBytes: 80 });
  const { promise: answering, resolve: answer } = Promise.withResolvers<void>();
  app.post("/waits", async (request) => {
    await answering;
    return String(bodyOf(request).length);
  });
  app.post("/", (request) => String(bodyOf(request).length));
  await app.listen({ port: 0, host: "127.0.0.1" });
  onTestFinished(() => app.close());
  onTestFinished(() => answer());
  const { port } = app.server.address() as AddressInfo;
  const post = async (path: string, length: number): Promise<number> =>
    (await fetch(`http://127.0.0.1:${port}${path}`, { method: "POST", body: "x".repeat(length) })).status;
  const waiting = post("/waits", 180);
  await expect.poll(() => post("/", 81)).toBe(503);
  expect(await post("/", 80)).toBe(200);
  answer();
  expect(await waiting).toBe(200);
});

test("a body is held until its request is answered, however long it waits", async () => {
  const app = fastify();
  readHeldBodies(app, { maxBytes: 100, maxHeldBytes: 150, freeBytes: 0 });
  const { promise: answering, resolve: answer } = Promise.withResolvers<void>();
  const { promise: received, resolve: begin } = Promise.withResolvers<void>();
  app.post("/waits", async (request) => {
    begin();
    await answering;
    return String(bodyOf(request).length);
  });
  app.post("/", (request) => String(bodyOf(request).length));
  await app.listen({ port: 0, host: "127.0.0.1" });
  onTestFinished(() => app.close());
  onTestFinished(() => answer());
  const { port } = app.server.address() as AddressInfo;
  const post = async (path: string): Promise<number> =>
    (await fetch(`http://127.0.0.1:${port}${path}`, { method: "POST", body: "x".repeat(80) })).status;
  const waiting = post("/waits");
  await received;
  expect(await post("/")).toBe(503);
  answer();
  expect(await waiting).toBe(200);
  await expect.poll(() => post("/")).toBe(200);
});
