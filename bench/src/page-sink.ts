import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** A receiver of notifications that records the label `page` of each firing alert. */
export class PageSink implements AsyncDisposable {
  readonly pages = new Set<number>();
  readonly #server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (text: string) => (body += text));
    request.on("end", () => {
      const { alerts } = JSON.parse(body) as { alerts: { status: string; labels: Record<string, string> }[] };
      for (const { status, labels } of alerts) if (status === "firing") this.pages.add(Number(labels["page"]));
      response.end();
    });
  });

  static async open(): Promise<PageSink> {
    const sink = new PageSink();
    await new Promise<void>((resolve) => sink.#server.listen(0, "127.0.0.1", resolve));
    return sink;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
