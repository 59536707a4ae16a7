import { createServer, request as forward, type IncomingMessage, type ServerResponse } from "node:http";
import { zstdDecompressSync } from "node:zlib";
import { SnappyReader, WireReader } from "@narthex/bytes";
import { type ChainSeries, seriesOfPath } from "./chain-series.ts";

const MAX_BYTES = 2 ** 28;
const PATH_LABEL = "path";

/**
 * A proxy between a sender and a receiver of remote write 1.0. Records the samples that the receiver answered with a
 * 2xx; if such a sample is missing, the receiver lost it and not the sender.
 */
export class WriteTap implements AsyncDisposable {
  /** One byte per sample, series by series: 1 if the receiver accepted the sample. */
  readonly received: Uint8Array;
  /** Number of accepted samples. */
  count = 0;
  readonly #chain: ChainSeries;
  readonly #target: URL;
  readonly #snappy = new SnappyReader();
  readonly #server = createServer((request, response) => void this.#pass(request, response));

  private constructor(chain: ChainSeries, target: string) {
    this.#chain = chain;
    this.#target = new URL(target);
    this.received = new Uint8Array(chain.series * chain.rounds);
  }

  static async open(chain: ChainSeries, target: string): Promise<WriteTap> {
    const tap = new WriteTap(chain, target);
    await new Promise<void>((resolve) => tap.#server.listen(0, "127.0.0.1", resolve));
    return tap;
  }

  get base(): string {
    const address = this.#server.address();
    return `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
  }

  async #pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const pieces: Uint8Array[] = [];
    try {
      for await (const piece of request as AsyncIterable<Uint8Array>) pieces.push(piece);
    } catch {
      // Forwards nothing, because the sender has closed the connection before its request was complete.
      return;
    }
    const body = Buffer.concat(pieces);
    const { hostname, port } = this.#target;
    const { method, url, headers } = request;
    const onward = forward({ hostname, port, method, path: url, headers }, (answer) => {
      const isTaken = answer.statusCode! >= 200 && answer.statusCode! < 300;
      if (isTaken && body.length > 0) this.#record(body, headers["content-encoding"]);
      response.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(response);
    });
    onward.on("error", () => response.writeHead(502).end());
    onward.end(body);
  }

  #record(body: Uint8Array, encoding: string | undefined): void {
    const plain = encoding === "zstd" ? zstdDecompressSync(body) : this.#snappy.expand(body, MAX_BYTES);
    const wire = new WireReader(plain);
    for (let tag = wire.tag("WriteRequest"); tag !== 0; tag = wire.tag("WriteRequest")) {
      const end = tag === 10 ? wire.range() : 0;
      if (tag === 10) this.#noteSeries(new WireReader(plain, wire.start, end));
      else wire.skip(tag);
    }
  }

  #noteSeries(wire: WireReader): void {
    let number = -1;
    for (let tag = wire.tag("TimeSeries"); tag !== 0; tag = wire.tag("TimeSeries")) {
      const end = wire.range();
      if (tag === 10) {
        const label = Buffer.from(wire.bytes.buffer, wire.bytes.byteOffset + wire.start, end - wire.start);
        if (label.toString("latin1", 2, 2 + PATH_LABEL.length) === PATH_LABEL && label[1] === PATH_LABEL.length)
          number = seriesOfPath(label.toString("latin1"));
      } else if (tag === 18 && number >= 0) {
        const round = this.#chain.roundAt(timeOf(new WireReader(wire.bytes, wire.start, end)));
        const sample = number * this.#chain.rounds + round;
        if (this.received[sample] === 0) this.count++;
        this.received[sample] = 1;
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

function timeOf(sample: WireReader): number {
  let time = 0;
  for (let tag = sample.tag("Sample"); tag !== 0; tag = sample.tag("Sample")) {
    if (tag === 16) time = sample.int64();
    else sample.skip(tag);
  }
  return time;
}
