import { createServer, type AddressInfo } from "node:net";
import { ManualClock } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { visitPostgres } from "./postgres-visit.ts";

test("visitPostgres() waits at most the timeout for a silent server, and does not report the password", async () => {
  const connected = Promise.withResolvers<void>();
  const left = Promise.withResolvers<void>();
  const server = createServer((socket) => {
    socket
      .resume()
      .on("error", () => undefined)
      .on("close", () => left.resolve());
    connected.resolve();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const clock = new ManualClock();
  const url = `postgres://me:s3cret@127.0.0.1:${port}/x`;
  const failure = visitPostgres({ url, env: {}, clock, timeoutMs: 3000 }).catch((error: unknown) => String(error));
  await connected.promise;
  await clock.advance(3000);
  const message = await failure;
  expect(message).toContain("no answer within 3 s");
  expect(message).not.toContain("s3cret");
  await left.promise;
  await new Promise((resolve) => server.close(resolve));
});
