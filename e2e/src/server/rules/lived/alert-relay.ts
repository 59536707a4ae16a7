import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { onLoopback } from "../../../support/loopback.ts";
import type { SentAlert } from "../alert-sink.ts";

/** An alert that an Alertmanager has accepted. */
export interface RelayedAlert {
  readonly alert: SentAlert;
  /** Time of the Alertmanager's answer, Unix ms. */
  readonly answeredMs: number;
}

/** Stands between a server and an Alertmanager, and notes when the Alertmanager has accepted each alert. */
export class AlertRelay implements AsyncDisposable {
  readonly relayed: RelayedAlert[] = [];
  readonly #base: string;
  #listening: (AsyncDisposable & { readonly port: number }) | undefined;

  private constructor(base: string) {
    this.#base = base;
  }

  /** @param base URL of the Alertmanager */
  static async open(base: string): Promise<AlertRelay> {
    const relay = new AlertRelay(base);
    const server = createServer((request, response) => void relay.#answer(request, response));
    // Without a timeout, no connection is closed while a server sends its next request.
    server.keepAliveTimeout = 0;
    relay.#listening = await onLoopback(server);
    return relay;
  }

  get port(): number {
    return this.#listening!.port;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = "";
    for await (const text of request.setEncoding("utf8")) body += text as string;
    const headers = { "content-type": "application/json" };
    const answer = await fetch(this.#base + request.url!, { method: "POST", headers, body }).catch(() => undefined);
    await answer?.arrayBuffer();
    if (answer?.ok === true) {
      const answeredMs = Date.now();
      for (const alert of JSON.parse(body) as readonly SentAlert[]) this.relayed.push({ alert, answeredMs });
    }
    response.writeHead(answer?.status ?? 502).end();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#listening![Symbol.asyncDispose]();
  }
}
