import { createServer, type ServerResponse } from "node:http";
import { eventually } from "../../support/eventually.ts";
import { onLoopback } from "../../support/loopback.ts";
import { api } from "../../support/query.ts";

/** One alert of a request to `POST /api/v2/alerts`. */
export interface SentAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly generatorURL: string;
}

/** A fake Alertmanager that records the alerts that a server sends. */
export class AlertSink implements AsyncDisposable {
  readonly alerts: SentAlert[] = [];
  /** Called after each request. */
  onArrival: (alerts: readonly SentAlert[]) => void = () => undefined;
  readonly #listening: AsyncDisposable & { readonly port: number };

  private constructor(listening: AsyncDisposable & { readonly port: number }) {
    this.#listening = listening;
  }

  static async open(): Promise<AlertSink> {
    let take = (_body: string, _response: ServerResponse): void => undefined;
    const server = createServer((request, response) => {
      let body = "";
      request.setEncoding("utf8").on("data", (text: string) => (body += text));
      request.on("end", () => take(body, response));
    });
    // Without a timeout, no connection is closed while a server sends its next request.
    server.keepAliveTimeout = 0;
    const sink = new AlertSink(await onLoopback(server));
    take = (body, response) => sink.#take(body, response);
    return sink;
  }

  /** The section `alerting` of a server that notifies this Alertmanager. */
  get alerting(): object {
    return { alertmanagers: [{ static_configs: [{ targets: [`127.0.0.1:${this.#listening.port}`] }] }] };
  }

  /** Waits until a server has found its Alertmanager. Prometheus drops alerts until then. */
  async isKnownTo(base: string): Promise<void> {
    await eventually(`${base} has found its Alertmanager`, async () => {
      const found = await api<{ readonly activeAlertmanagers: readonly unknown[] }>(base, "alertmanagers");
      if (found.activeAlertmanagers.length === 0) throw new Error("none");
    });
  }

  #take(body: string, response: ServerResponse): void {
    const alerts = JSON.parse(body) as readonly SentAlert[];
    for (const alert of alerts) this.alerts.push(alert);
    response.writeHead(200, { "content-type": "application/json" });
    response.end();
    this.onArrival(alerts);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#listening[Symbol.asyncDispose]();
  }
}
