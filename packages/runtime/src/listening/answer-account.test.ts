import { once } from "node:events";
import { createServer, IncomingMessage, ServerResponse } from "node:http";
import { type AddressInfo, connect, Socket } from "node:net";
import { onTestFinished, test } from "vitest";
import { memoryLogger } from "../testing/index.ts";
import { AnswerAccount } from "./answer-account.ts";

test("who reads nothing is cut off once others wait, though nobody did when its time was up before", async () => {
  const account = new AnswerAccount({ limit: 1, stalledMs: 100, logger: memoryLogger() });
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
  const body = Buffer.alloc(32 * 1024 * 1024);
  account.charge(response, body.length);
  response.end(body);

  const other = new ServerResponse(new IncomingMessage(new Socket()));
  account.charge(other, 1);
  account.awaitRoom(() => {});
  other.emit("close");
  await once(response, "timeout");

  const closed = once(response, "close");
  account.awaitRoom(() => {});
  await closed;
});
