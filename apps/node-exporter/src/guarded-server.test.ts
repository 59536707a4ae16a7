import { ServerResponse } from "node:http";
import { systemClock } from "@narthex/runtime";
import { memoryLogger } from "@narthex/runtime/testing";
import { expect, onTestFinished, test, vi } from "vitest";
import { guardedServer } from "./guarded-server.ts";

test("a server with a web configuration sends a large answer in pieces", async () => {
  const body = Buffer.from("node_load1 1\n".repeat(400_000));
  const write = vi.spyOn(ServerResponse.prototype, "write");
  onTestFinished(() => write.mockRestore());
  const options = { listen: ["127.0.0.1:0"], webConfigFile: "", clock: systemClock, logger: memoryLogger() };
  const released = Promise.withResolvers<void>();
  const release = (): void => released.resolve();
  const server = await guardedServer(options, () => ({ status: 200, headers: {}, body, release }));
  const [address] = await server.start();
  const received = await (await fetch(`http://${address}/`)).arrayBuffer();
  expect(body.equals(Buffer.from(received))).toBe(true);
  expect(write.mock.calls).toHaveLength(3);
  await released.promise;
  await server.stop();
});
