import { createServer } from "node:http";
import { onLoopback } from "../../../support/loopback.ts";

type LabelRecord = Readonly<Record<string, string>>;

/** A notification of an Alertmanager. */
export interface ReceivedNotification {
  /** Time of arrival, Unix ms. */
  readonly atMs: number;
  readonly receiver: string;
  readonly groupLabels: LabelRecord;
  readonly notification_reason: string;
  readonly alerts: readonly { readonly status: string; readonly labels: LabelRecord }[];
}

/** The webhooks of the receivers of several Alertmanagers. The first part of a URL's path names the Alertmanager. */
export class Webhooks implements AsyncDisposable {
  readonly #received = new Map<string, ReceivedNotification[]>();
  #listening: (AsyncDisposable & { readonly port: number }) | undefined;

  static async open(): Promise<Webhooks> {
    const hooks = new Webhooks();
    const server = createServer((request, response) => {
      let body = "";
      request.setEncoding("utf8").on("data", (text: string) => (body += text));
      request.on("end", () => {
        const [, sender] = request.url!.split("/");
        const notification = JSON.parse(body) as Omit<ReceivedNotification, "atMs">;
        hooks.of(sender!).push({ ...notification, atMs: Date.now() });
        response.end();
      });
    });
    // Without a timeout, no connection is closed while an Alertmanager sends its next notification.
    server.keepAliveTimeout = 0;
    hooks.#listening = await onLoopback(server);
    return hooks;
  }

  urlOf(sender: string): string {
    return `http://127.0.0.1:${this.#listening!.port}/${sender}`;
  }

  of(sender: string): ReceivedNotification[] {
    const known = this.#received.get(sender) ?? [];
    this.#received.set(sender, known);
    return known;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#listening![Symbol.asyncDispose]();
  }
}
