import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** One request to a webhook receiver. */
export interface Message {
  /** Time of the message's arrival, by performance.now(). */
  readonly at: number;
  /** Time of the response, by performance.now(). Undefined before the response. */
  answeredAt: number | undefined;
  readonly status: "firing" | "resolved";
  readonly groupKey: string;
  /** External URL of the Alertmanager instance that sent the message. */
  readonly sender: string;
  readonly reason: string;
  readonly alerts: readonly { readonly status: string; readonly labels: Readonly<Record<string, string>> }[];
}

/** Returns how the receiver reacts to a message: an HTTP status, or "hold" to send no answer. */
export type Behaviour = (message: Message) => number | "hold";

/** A webhook receiver that records messages and behaves as the test requests. */
export class NotificationSink implements AsyncDisposable {
  readonly messages: Message[] = [];
  behaviour: Behaviour = () => 200;
  /** Callbacks of the test: the first is called when a message has arrived, the second after the answer. */
  onArrival: (message: Message) => void = () => undefined;
  onAnswer: (message: Message) => void = () => undefined;
  readonly #server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (text: string) => (body += text));
    request.on("end", () => this.#take(body, response));
  });

  static async open(): Promise<NotificationSink> {
    const sink = new NotificationSink();
    await new Promise<void>((resolve) => sink.#server.listen(0, "127.0.0.1", resolve));
    return sink;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  /** Returns the messages that were answered with 200, either all or those about one alertname. */
  delivered(alertname?: string): readonly Message[] {
    return this.messages.filter(
      ({ answeredAt, alerts }) =>
        answeredAt !== undefined && (alertname === undefined || alerts[0]!.labels["alertname"] === alertname),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #take(body: string, response: ServerResponse): void {
    const {
      status,
      groupKey,
      alerts,
      notification_reason: reason,
      externalURL: sender,
    } = JSON.parse(body) as Message & {
      notification_reason: string;
      externalURL: string;
    };
    const message: Message = { at: performance.now(), answeredAt: undefined, status, groupKey, sender, alerts, reason };
    this.messages.push(message);
    this.onArrival(message);
    const answer = this.behaviour(message);
    if (answer === "hold") return;
    response.statusCode = answer;
    response.end("", () => {
      if (answer === 200) message.answeredAt = performance.now();
      this.onAnswer(message);
    });
  }
}
