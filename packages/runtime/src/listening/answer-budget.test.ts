import { once } from "node:events";
import { createServer, IncomingMessage, ServerResponse } from "node:http";
import { type AddressInfo, connect, Socket } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { memoryLogger } from "../testing/index.ts";
import { AnswerBudget } from "./answer-budget.ts";

const MIB = 1024 * 1024;

/** Starts an answer of `length` bytes to a client that reads nothing. */
async function unreadAnswer(
  length: number,
): Promise<{ readonly response: ServerResponse; readonly begin: () => void }> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const silent = connect((server.address() as AddressInfo).port, "127.0.0.1").pause();
  silent.on("error", () => {});
  onTestFinished(() => {
    silent.destroy();
    server.close();
  });
  silent.write("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  const [, response] = (await once(server, "request")) as [IncomingMessage, ServerResponse];
  return { response, begin: () => response.end(Buffer.alloc(length)) };
}

/** Returns an answer to another client. */
const otherAnswer = (): ServerResponse => new ServerResponse(new IncomingMessage(new Socket()));

test("a client that reads nothing is disconnected when others begin to wait, even if it stalled before that", async () => {
  const budget = new AnswerBudget({ limit: 1, stalledMs: 100, logger: memoryLogger() });
  const { response, begin } = await unreadAnswer(32 * MIB);
  budget.charge(response, 32 * MIB);
  begin();

  const other = otherAnswer();
  budget.charge(other, 1);
  budget.awaitRoom(() => {});
  other.emit("close");
  await once(response, "timeout");

  const closed = once(response, "close");
  budget.awaitRoom(() => {});
  await closed;
});

test("a client that reads nothing is kept while only a client with its own share waits, and disconnected when all memory is used", async () => {
  const budget = new AnswerBudget({ limit: 128 * MIB, stalledMs: 100, logger: memoryLogger() });
  const { response, begin } = await unreadAnswer(32 * MIB);
  budget.charge(response, 32 * MIB);
  begin();

  const other = otherAnswer();
  budget.charge(other, 64 * MIB);
  budget.awaitRoom(() => {});
  await once(response, "timeout");
  expect(response.req.socket.destroyed).toBe(false);

  const closed = once(response, "close");
  budget.charge(other, 64 * MIB);
  budget.awaitRoom(() => {});
  await closed;
});
