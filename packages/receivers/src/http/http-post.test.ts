import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { deliverOnce } from "../testing/notice.ts";

/** A service whose answers `answer` writes; they need not end. */
async function unendingService(answer: (response: ServerResponse) => void) {
  const server = createServer((_request, response) => answer(response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    receiver: `{name: all, webhook_configs: [{url: 'http://127.0.0.1:${port}'}]}`,
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

test("an answer whose body breaks off is judged by its status", async () => {
  await using service = await unendingService((response) => {
    response.writeHead(500, { "content-length": "100" }).write("part", () => response.destroy());
  });
  const reason = expect.stringMatching(/^unexpected status code 500/) as string;
  expect(await deliverOnce(service.receiver)).toEqual({ kind: "retry", failure: "serverError", reason });
});

test("of an endless answer no more than 64 KiB is read", async () => {
  await using service = await unendingService((response) => {
    response.writeHead(400);
    const more = (): void => void (response.destroyed || response.write("x".repeat(10_000), more));
    more();
  });
  const outcome = await deliverOnce(service.receiver);
  const reason = `unexpected status code 400: ${"x".repeat(64 * 1024)}`;
  expect(outcome).toEqual({ kind: "rejected", failure: "clientError", reason });
});
