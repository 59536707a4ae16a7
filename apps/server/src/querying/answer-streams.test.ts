import { get } from "node:http";
import { connect } from "node:net";
import { setImmediate } from "node:timers/promises";
import { access, createHttpServer } from "@narthex/http";
import type { StreamedResponse } from "@narthex/querying";
import { systemClock } from "@narthex/runtime";
import { memoryLogger } from "@narthex/runtime/testing";
import { expect, onTestFinished, test } from "vitest";
import { AnswerStreams } from "./answer-streams.ts";

/** Byte with which the test overwrites memory when it is released. */
const REUSED = 0xff;

/** Chunks of a response, some smaller and some larger than socket buffers. None contains the byte REUSED. */
const PIECES = Array.from({ length: 60 }, (_, i) => {
  const length = [300_000, 70_000, 10, 5000, 260_000, 16_384][i % 6]! + i;
  return Buffer.from(Uint8Array.from({ length }, (_byte, at) => (at * 7 + i) % 251));
});
const WHOLE = Buffer.concat([...PIECES, Buffer.from("]}")]);

async function openServer() {
  const reused: Uint8Array[] = [];
  const streams = new AnswerStreams({
    clock: systemClock,
    logger: memoryLogger(),
    memory: { usedBytes: 0, refusals: 0 },
  });
  const answer = (): StreamedResponse => {
    const [first, ...others] = PIECES.map((piece) => Uint8Array.from(piece));
    return {
      warnings: [],
      infos: [],
      first: first!,
      rest: (async function* () {
        for (const [i, piece] of others.entries()) {
          if (i % 3 === 0) await setImmediate();
          yield piece;
        }
      })(),
      gzip: false,
      end: (tail) => Buffer.from(tail),
      reuse(piece) {
        piece.fill(REUSED);
        reused.push(piece);
      },
      release: () => {},
    };
  };
  const server = await createHttpServer({
    listen: ["127.0.0.1:0"],
    webConfigFile: "",
    clock: systemClock,
    logger: memoryLogger(),
  });
  onTestFinished(() => server.stop());
  server.app.get("/answer", access("read"), (request, reply) =>
    streams.send(request, reply, () => Promise.resolve(answer()), { tail: () => "]}" }),
  );
  const [address] = await server.start();
  return { port: Number(address!.split(":").at(-1)), reused };
}

async function sip(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const sips: Buffer[] = [];
  for await (const bytes of stream) {
    sips.push(bytes);
    for (let turn = 0; turn < sips.length % 5; turn++) await setImmediate();
  }
  return Buffer.concat(sips);
}

test("the memory of a piece is released while the answer is still being sent, but only after the piece's bytes have left", async () => {
  const { port, reused } = await openServer();
  const body = await new Promise<Buffer>((resolve, reject) => {
    get({ port, path: "/answer", agent: false }, (response) => void sip(response).then(resolve, reject)).on(
      "error",
      reject,
    );
  });
  expect(body.equals(WHOLE)).toBe(true);
  expect(reused.length).toBeGreaterThan(PIECES.length / 2);
});

test("memory is released in the same way without a chunked transfer encoding", async () => {
  const { port, reused } = await openServer();
  const socket = connect({ port, host: "127.0.0.1" });
  socket.write("GET /answer HTTP/1.0\r\n\r\n");
  const answer = await sip(socket);
  expect(answer.subarray(answer.indexOf("\r\n\r\n") + 4).equals(WHOLE)).toBe(true);
  expect(reused.length).toBeGreaterThan(PIECES.length / 2);
});
