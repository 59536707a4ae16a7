import { createServer } from "node:http";

/** A destination of remote write that accepts everything. */
export class Sink implements AsyncDisposable {
  readonly #server = createServer((request, response) => {
    request.resume().on("end", () => response.writeHead(204).end());
  });

  static async open(): Promise<Sink> {
    const sink = new Sink();
    await new Promise<void>((resolve) => sink.#server.listen(0, "127.0.0.1", resolve));
    return sink;
  }

  get url(): string {
    const address = this.#server.address();
    return `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}/`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
