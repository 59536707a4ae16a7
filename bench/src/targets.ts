import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** Serves one payload at any path `/<target>/metrics`; values change from scrape to scrape. */
export class Targets implements AsyncDisposable {
  readonly #server;
  readonly #body: Buffer;
  /** Where each value's digits begin; they are 10 wide. */
  readonly #slots: readonly number[];
  #round = 0;
  scrapes = 0;

  /** @param series per target */
  constructor(series: number) {
    const lines: string[] = ["# TYPE http_requests_total counter"];
    for (let i = 0; i < series; i++) {
      lines.push(
        `http_requests_total{method="GET",handler="/api/v1/things/${i % 100}",status="200",zone="eu-west-1",shard="${i}"} 0000000000`,
      );
    }
    this.#body = Buffer.from(`${lines.join("\n")}\n`);
    const slots: number[] = [];
    for (let at = this.#body.indexOf(" 0000000000\n"); at !== -1; at = this.#body.indexOf(" 0000000000\n", at + 1))
      slots.push(at + 1);
    this.#slots = slots;
    this.#server = createServer((_request, response) => {
      this.scrapes++;
      this.#change();
      response.writeHead(200, { "content-type": "text/plain; version=0.0.4", "content-length": this.#body.length });
      response.end(Buffer.from(this.#body));
    });
  }

  async start(): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return (this.#server.address() as AddressInfo).port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** Counters go up by different steps. */
  #change(): void {
    this.#round++;
    this.#slots.forEach((at, i) =>
      this.#body.write(String(1_000_000_000 + ((this.#round * (i % 7)) % 1_000_000_000)), at, "latin1"),
    );
  }
}
