import { writeFileSync } from "node:fs";
import { ServerResponse } from "node:http";
import { request } from "node:https";
import { join } from "node:path";
import { systemClock } from "@narthex/runtime";
import { memoryLogger, temporaryFolder } from "@narthex/runtime/testing";
import { Authority, hasOpenssl } from "@narthex/tls/testing";
import { expect, onTestFinished, test, vi } from "vitest";
import { access } from "./access.ts";
import { sendInPieces } from "./answer-pieces.ts";
import { createHttpServer } from "./server.ts";

const MIB = 1024 * 1024;

/** Starts a TLS server that answers requests with `body`. Returns a function that opens a request. */
async function serving(body: Buffer) {
  using authority = new Authority("own");
  const folder = temporaryFolder();
  const { cert, key } = authority.issue("server", "DNS:localhost");
  writeFileSync(join(folder, "c.pem"), cert);
  writeFileSync(join(folder, "k.pem"), key);
  writeFileSync(join(folder, "web.yml"), "tls_server_config: {cert_file: c.pem, key_file: k.pem}\n");
  const webConfigFile = join(folder, "web.yml");
  const options = { listen: ["127.0.0.1:0"], webConfigFile, clock: systemClock, logger: memoryLogger() };
  const server = await createHttpServer(options);
  const left = Promise.withResolvers<void>();
  server.app.get("/", access("read"), async (_request, reply) => {
    reply.raw.once("close", left.resolve);
    return sendInPieces(reply, body);
  });
  const [address] = await server.start();
  onTestFinished(() => server.stop());
  const ask = () =>
    request({
      host: "127.0.0.1",
      servername: "localhost",
      port: Number(address!.split(":").at(-1)),
      ca: authority.pair.cert,
      agent: false,
    }).end();
  return { ask, left: left.promise };
}

test.skipIf(!hasOpenssl())("a large answer over TLS is sent in pieces of at most 2 MiB", async () => {
  const body = Buffer.from("node_load1 1\n".repeat(600_000));
  const write = vi.spyOn(ServerResponse.prototype, "write");
  onTestFinished(() => write.mockRestore());
  const { ask } = await serving(body);
  const received = await new Promise<{ length: string | undefined; bytes: Buffer }>((resolve, reject) => {
    ask()
      .once("response", async (response) => {
        const bytes = Buffer.concat(await response.toArray());
        resolve({ length: response.headers["content-length"], bytes });
      })
      .once("error", reject);
  });
  expect(received.length).toBe(String(body.length));
  expect(received.bytes.equals(body)).toBe(true);
  const sizes = write.mock.calls.map(([piece]) => (piece as Buffer).length);
  expect(sizes).toEqual([2 * MIB, 2 * MIB, 2 * MIB, body.length - 6 * MIB]);
});

test.skipIf(!hasOpenssl())("an answer in pieces ends if its client leaves", async () => {
  const { ask, left } = await serving(Buffer.alloc(64 * MIB));
  const asked = ask();
  asked.once("response", () => asked.destroy()).once("error", () => {});
  await left;
});
