import { NotificationSink } from "../../support/notification-sink.ts";
import { type Load, request } from "../load.ts";

/**
 * Posts an alert that always fires. The receiver must get exactly one notification, however many programs are
 * restarted.
 */
export class Notifications implements Load, AsyncDisposable {
  readonly what = "posts of a firing alert";
  readonly role = "alertmanager";
  readonly intervalMs = 500;
  readonly #api: string;
  readonly #sink: NotificationSink;
  acknowledged = 0;

  private constructor(base: string, sink: NotificationSink) {
    this.#api = `${base}/api/v2/alerts`;
    this.#sink = sink;
  }

  static async open(base: string): Promise<Notifications> {
    return new Notifications(base, await NotificationSink.open());
  }

  get port(): number {
    return Number(new URL(this.#sink.url).port);
  }

  async change(): Promise<void> {
    await request(this.#api, "POST", [{ labels: { alertname: "Upgrade" } }]);
    this.acknowledged++;
  }

  problems(): Promise<readonly string[]> {
    const statuses = this.#sink.delivered("Upgrade").map(({ status }) => status);
    return Promise.resolve(
      statuses.join() === "firing" ? [] : [`its receiver was notified: ${statuses.join(", ") || "never"}`],
    );
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#sink[Symbol.asyncDispose]();
  }
}
