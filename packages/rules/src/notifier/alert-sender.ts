import { describeFailure, type HttpClient, maskPassword } from "@narthex/http";
import type { Clock, Logger } from "@narthex/runtime";
import { type PostableAlert, postableAlertsJson } from "./postable-alert.ts";

/** Numbers of alerts that were sent to one Alertmanager, that failed, and that were dropped. */
export interface AlertSenderNumbers {
  sent: number;
  errors: number;
  dropped: number;
}

export interface AlertSenderOptions {
  /** URL to which alerts are sent, such as `http://host:9093/api/v2/alerts`. */
  readonly url: string;
  readonly client: HttpClient;
  readonly timeoutMs: number;
  readonly capacity: number;
  readonly batchSize: number;
  readonly userAgent: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Records the duration of a request in seconds. */
  readonly observeLatency: (seconds: number) => void;
}

/** Alertmanager has responded with a status other than success. */
class RefusedError extends Error {
  override readonly name = "RefusedError";
}

function failureText(error: unknown, url: string): string {
  return error instanceof RefusedError ? error.message : describeFailure("POST", url, error);
}

/** A queue of limited length. If it is full, the oldest items are dropped. */
export class AlertQueue<T> {
  readonly capacity: number;
  #items: T[] = [];

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  get length(): number {
    return this.#items.length;
  }

  /** Appends items in order. If the queue is full, drops the oldest items and returns their number. */
  push(items: readonly T[]): number {
    const all = [...this.#items, ...items];
    const dropped = Math.max(0, all.length - this.capacity);
    this.#items = dropped === 0 ? all : all.slice(dropped);
    return dropped;
  }

  /** Removes and returns up to `count` of the oldest items. */
  take(count: number): T[] {
    return this.#items.splice(0, count);
  }
}

/**
 * Sends alerts to one Alertmanager from a queue, one request at a time. If a request fails, its alerts are dropped,
 * because rules send active alerts again.
 */
export class AlertSender {
  readonly url: string;
  readonly numbers: AlertSenderNumbers = { sent: 0, errors: 0, dropped: 0 };
  readonly #options: AlertSenderOptions;
  readonly #queue: AlertQueue<PostableAlert>;
  #sending: Promise<void> | undefined;
  #closed = false;

  constructor(options: AlertSenderOptions) {
    this.url = maskPassword(options.url);
    this.#options = options;
    this.#queue = new AlertQueue(options.capacity);
  }

  get queueLength(): number {
    return this.#queue.length;
  }

  /** Adds alerts to the queue. If the queue is full, drops the oldest alerts. */
  enqueue(alerts: readonly PostableAlert[]): void {
    if (this.#closed) return;
    const dropped = this.#queue.push(alerts);
    if (dropped > 0) {
      this.numbers.dropped += dropped;
      this.#options.logger.warn("Alert notification queue full, dropping alerts", { num_dropped: dropped });
    }
    if (this.#queue.length > 0) this.#sending ??= this.#sendAll();
  }

  async #sendAll(): Promise<void> {
    try {
      while (this.#queue.length > 0) await this.#sendBatch(this.#queue.take(this.#options.batchSize));
    } finally {
      // Allows the next call of enqueue() to start #sendAll() again. No alert is missed, because there is no `await`
      // between the check for an empty queue and this line.
      this.#sending = undefined;
    }
  }

  async #sendBatch(batch: readonly PostableAlert[]): Promise<void> {
    const { clock, logger, observeLatency } = this.#options;
    const started = clock.monotonic();
    try {
      await this.#post(postableAlertsJson(batch));
      this.numbers.sent += batch.length;
    } catch (error) {
      this.numbers.errors += batch.length;
      this.numbers.dropped += batch.length;
      logger.error("Error sending alerts", {
        alertmanager: this.url,
        count: batch.length,
        err: failureText(error, this.#options.url),
      });
    }
    observeLatency((clock.monotonic() - started) / 1000);
  }

  async #post(body: string): Promise<void> {
    const { url, clock, client, timeoutMs, userAgent } = this.#options;
    const deadline = new AbortController();
    const cancel = clock.after(timeoutMs, () => deadline.abort(new Error("context deadline exceeded")));
    try {
      const answer = await client.request(url, {
        method: "POST",
        headers: { "content-type": "application/json", "user-agent": userAgent },
        body,
        signal: deadline.signal,
      });
      await answer.body.dump();
      if (answer.statusCode < 200 || answer.statusCode > 299) {
        throw new RefusedError(`bad response status ${answer.statusCode} ${answer.statusText}`.trimEnd());
      }
    } finally {
      cancel();
    }
  }

  /**
   * Refuses further alerts. With `drain`, sends the queued alerts before the promise resolves; otherwise drops them.
   */
  async close(drain: boolean): Promise<void> {
    this.#closed = true;
    if (!drain) this.numbers.dropped += this.#queue.take(Infinity).length;
    await this.#sending;
  }
}
