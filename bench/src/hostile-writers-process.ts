import { Agent, request, type RequestOptions } from "node:http";
import { connect, type Socket } from "node:net";
import { zstdCompressSync } from "node:zlib";
import { SnappyCompressor } from "@narthex/bytes";
import type { WriterKind, WriterOrder } from "./hostile-writers.ts";
import { WRITE_HEADERS, writeRequest } from "./write-request.ts";

/**
 * This process runs the writers of bench/src/hostile-writers.ts. It reports its observations on the message `end` and
 * ends with its parent process.
 */
const PIECE = Buffer.alloc(1 << 20, "a");
const ENDLESS_BYTES = 10e9;
const DRIP_MS = 1000;
const SERIES_PER_REQUEST = 2000;

/** Number of times that the server sent each answer. */
const seen = new Map<string, number>();
const saw = (answer: string): void => void seen.set(answer, (seen.get(answer) ?? 0) + 1);
const stop = new AbortController();
const sockets: Socket[] = [];

type Writing = (order: WriterOrder) => void;

const WRITINGS: Readonly<Record<WriterKind, Writing>> = {
  bombs: ({ base, clients }) => {
    const bodies = bombs();
    for (let client = 0; client < clients; client++)
      void postAll(base, () => bodies[(client + turn++) % bodies.length]!);
  },
  endless: ({ base, clients }) => {
    for (let client = 0; client < clients; client++) endless(base, client % 2 === 0);
  },
  slow: ({ base, slow, idle }) => {
    const head = `POST /api/v1/write HTTP/1.1\r\nHost: x\r\nContent-Encoding: snappy\r\n`;
    for (let i = 0; i < slow; i++) drip(base, head.slice(0, -1));
    for (let i = 0; i < slow; i++) drip(base, `${head}Content-Length: 10000000\r\n\r\n`);
    for (let i = 0; i < idle; i++) dial(base);
  },
  "new-series": ({ base, senders, newSeries }) => {
    for (let sender = 0; sender < senders; sender++) void sendSeries(base, sender, newSeries);
  },
};

let turn = 0;

interface Body {
  readonly bytes: Uint8Array;
  readonly encoding: "snappy" | "zstd";
}

/** Returns request bodies that are invalid or decompress to far more than their size. */
function bombs(): Body[] {
  const compressor = new SnappyCompressor();
  const packed = (bytes: Uint8Array): Buffer => Buffer.from(compressor.compress(bytes).slice());
  const emptySeries = Buffer.alloc(100e6, Buffer.of(0x0a, 0x00));
  const good = writeRequest({ sender: 0, first: 0, series: SERIES_PER_REQUEST, time: Date.now() });
  const ofSnappy = [
    packed(emptySeries),
    packed(Buffer.alloc(60e6, 0xff)),
    // Snappy body whose header states a decompressed size of 4 GB.
    Buffer.from([0xff, 0xff, 0xff, 0xff, 0x0f, ...good.subarray(0, 1000)]),
    Buffer.from(good.subarray(0, good.length >> 1)),
    packed(Buffer.from("not a message".repeat(1000))),
    Buffer.alloc(1 << 20, 0x5a),
  ];
  // VictoriaMetrics accepts zstd by default; this project's server accepts zstd only with a flag.
  const ofZstd = [
    zstdCompressSync(emptySeries),
    zstdCompressSync(Buffer.alloc(500e6)),
    zstdCompressSync(good).subarray(0, 1000),
    Buffer.alloc(1 << 20, 0x5a),
  ];
  return [
    ...ofSnappy.map((bytes) => ({ bytes, encoding: "snappy" }) as const),
    ...ofZstd.map((bytes) => ({ bytes, encoding: "zstd" }) as const),
  ];
}

/** Sends one request after the other, until the benchmark ends this process. */
async function postAll(base: string, next: () => Body): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  while (!stop.signal.aborted) saw(await post(base, next(), agent));
  agent.destroy();
}

const optionsOf = (agent?: Agent): RequestOptions => ({
  method: "POST",
  headers: WRITE_HEADERS,
  signal: stop.signal,
  ...(agent === undefined ? {} : { agent }),
});

/** Sends a request. Resolves with the HTTP status, or with the reason why there was no answer. */
const post = (base: string, { bytes, encoding }: Body, agent: Agent): Promise<string> =>
  new Promise((resolve) => {
    const headers = { ...WRITE_HEADERS, "content-encoding": encoding };
    const sent = request(`${base}/api/v1/write`, { ...optionsOf(agent), headers }, (response) => {
      response.resume().on("close", () => resolve(String(response.statusCode)));
    });
    sent.on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.name)).end(bytes);
  });

/** Sends a body of 10 GB, with or without a Content-Length. */
function endless(base: string, hasLength: boolean): void {
  const options = optionsOf();
  const headers = { ...WRITE_HEADERS, ...(hasLength ? { "content-length": String(ENDLESS_BYTES) } : {}) };
  const sent = request(`${base}/api/v1/write`, { ...options, headers }, (response) => {
    saw(String(response.statusCode));
    response.resume().on("close", () => sent.destroy());
  });
  let bytes = 0;
  const fill = (): void => {
    while (!sent.destroyed && (bytes += PIECE.length) < ENDLESS_BYTES && sent.write(PIECE));
  };
  sent.on("drain", fill).on("error", (error: NodeJS.ErrnoException) => saw(error.code ?? error.name));
  sent.on("close", () => {
    if (!stop.signal.aborted) setTimeout(endless, 100, base, hasLength);
  });
  fill();
}

function dial(base: string): Socket {
  const { hostname, port } = new URL(base);
  const socket = connect({ host: hostname, port: Number(port) });
  socket
    .on("error", () => undefined)
    .on("close", () => saw("cut"))
    .resume();
  sockets.push(socket);
  return socket;
}

/** Sends a text immediately, and afterwards one byte per second. */
function drip(base: string, text: string): void {
  const socket = dial(base);
  socket.write(text);
  const timer = setInterval(() => socket.write("a"), DRIP_MS);
  socket.on("close", () => clearInterval(timer));
}

/** Sends series that are new to the server. Repeats each refused request. */
async function sendSeries(base: string, sender: number, count: number): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  for (let first = 0; first < count && !stop.signal.aborted;) {
    const bytes = writeRequest({ sender, first, series: SERIES_PER_REQUEST, time: Date.now() });
    const answer = await post(base, { bytes, encoding: "snappy" }, agent);
    saw(answer);
    if (answer === "204") first += SERIES_PER_REQUEST;
    else await new Promise((resolve) => setTimeout(resolve, 100));
  }
  agent.destroy();
}

process.on("message", (order: WriterOrder | "end") => {
  if (order !== "end") return WRITINGS[order.kind](order);
  const summary = [...seen].map(([answer, count]) => `${count} × ${answer}`).join(", ");
  stop.abort();
  for (const socket of sockets) socket.destroy();
  process.send!(summary);
});
process.on("disconnect", () => process.exit());
