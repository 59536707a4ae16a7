import { once } from "node:events";
import { connect } from "node:net";
import { systemClock } from "@narthex/runtime";
import { memoryLogger } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { isHealthCheck, plainServer } from "./plain-server.ts";

test.each([
  ["/", true],
  ["/-/healthy", true],
  ["/-/ready?now", true],
  ["/metrics", false],
  ["/probe", false],
])("%s is answered before scrapes that wait: %s", (url, expected) => expect(isHealthCheck(url)).toBe(expected));

test("a large answer is sent whole, and its memory is released if the client leaves in the middle", async () => {
  const body = Buffer.from("node_load1 1\n".repeat(800_000));
  const logger = memoryLogger();
  let released = Promise.withResolvers<void>();
  const handle = () => ({ status: 200, headers: {}, body, release: () => released.resolve() });
  const server = plainServer(["127.0.0.1:0"], handle, systemClock, logger);
  const [address] = await server.start();
  const received = await (await fetch(`http://${address}/`)).arrayBuffer();
  expect(body.equals(Buffer.from(received))).toBe(true);
  await released.promise;
  released = Promise.withResolvers();
  const socket = connect(Number(address!.split(":")[1]), "127.0.0.1");
  socket.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  await once(socket, "data");
  socket.destroy();
  await released.promise;
  await server.stop();
  expect(logger.lines.filter(({ level }) => level === "error")).toEqual([]);
});
