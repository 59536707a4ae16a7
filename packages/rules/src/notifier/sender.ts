import { describeFailure, type HttpClient } from "@narthex/http";
import type { Clock, Logger } from "@narthex/runtime";
import { type Notice, noticesJson } from "./notice.ts";
import { NoticeQueue } from "./queue.ts";

/** Counts of one Alertmanager. */
export interface SenderNumbers {
  sent: number;
  errors: number;
  dropped: number;
}

export interface SenderOptions {
  /** Push URL, `http://host:9093/api/v2/alerts`. */
  readonly url: string;
  readonly client: HttpClient;
  readonly timeoutMs: number;
  readonly capacity: number;
  readonly batchSize: number;
  readonly userAgent: string;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Seconds one request took. */
  readonly observeLatency: (seconds: number) => void;
}

/** Alertmanager answered, but not with success. */
class RefusedError extends Error {
  override readonly name = "RefusedError";
}

function failureText(error: unknown, url: string): string {
  return error instanceof RefusedError ? error.message : describeFailure("POST", url, error);
}

/** The line to one Alertmanager: a queue, and one request at a time. A batch that fails is dropped; rules send again. */
export class Sender {
  readonly url: string;
  readonly numbers: SenderNumbers = { sent: 0, errors: 0, dropped: 0 };
  readonly #options: SenderOptions;
  readonly #queue: NoticeQueue<Notice>;
  #sending: Promise<void> | undefined;
  #closed = false;

  constructor(options: SenderOptions) {
    this.url = options.url;
    this.#options = options;
    this.#queue = new NoticeQueue(options.capacity);
  }

  get queueLength(): number {
    return this.#queue.length;
  }

  /** Queues notices; the oldest are dropped when there is no room. */
  enqueue(notices: readonly Notice[]): void {
    if (this.#closed) return;
    const dropped = this.#queue.push(notices);
    if (dropped > 0) {
      this.numbers.dropped += dropped;
      this.#options.logger.warn("Alert notification queue full, dropping alerts", { num_dropped: dropped });
    }
    this.#sending ??= this.#sendAll().finally(() => (this.#sending = undefined));
  }

  async #sendAll(): Promise<void> {
    while (this.#queue.length > 0) await this.#sendBatch(this.#queue.take(this.#options.batchSize));
  }

  async #sendBatch(batch: readonly Notice[]): Promise<void> {
    const { clock, logger, observeLatency } = this.#options;
    const started = clock.monotonic();
    try {
      await this.#post(noticesJson(batch));
      this.numbers.sent += batch.length;
    } catch (error) {
      this.numbers.errors += batch.length;
      this.numbers.dropped += batch.length;
      logger.error("Error sending alerts", {
        alertmanager: this.url,
        count: batch.length,
        err: failureText(error, this.url),
      });
    }
    observeLatency((clock.monotonic() - started) / 1000);
  }

  async #post(body: string): Promise<void> {
    const { clock, client, timeoutMs, userAgent } = this.#options;
    const deadline = new AbortController();
    const cancel = clock.after(timeoutMs, () => deadline.abort(new Error("context deadline exceeded")));
    try {
      const answer = await client.request(this.url, {
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

  /** Takes no more; with `drain` it sends what is queued first, without it the queue is dropped. */
  async close(drain: boolean): Promise<void> {
    this.#closed = true;
    if (!drain) this.numbers.dropped += this.#queue.take(Infinity).length;
    await this.#sending;
  }
}
