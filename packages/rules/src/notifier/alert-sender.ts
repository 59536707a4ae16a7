import { describeFailure, type HttpClient, limitedBody, maskPassword } from "@narthex/http";
import type { Clock, Logger } from "@narthex/runtime";
import { AlertQueue } from "./alert-queue.ts";
import { isStillTrue, type PostableAlert, postableAlertsJson } from "./postable-alert.ts";

/** Pause in ms after the first failed request. Each further failure doubles the pause, up to `LAST_PAUSE_MS`. */
const FIRST_PAUSE_MS = 1000;
const LAST_PAUSE_MS = 30_000;

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

/** Maximum size in bytes of Alertmanager's status, which contains its configuration. */
const MAX_STATUS = 4 * 1024 * 1024;
const MAX_STATUS_MS = 5000;

/** Alertmanager has responded with a status other than success. */
class RefusedError extends Error {
  override readonly name = "RefusedError";
  /** Whether the same request can succeed later. */
  readonly isTemporary: boolean;

  constructor(message: string, isTemporary = false) {
    super(message);
    this.isTemporary = isTemporary;
  }
}

function failureText(error: unknown, url: string, method = "POST"): string {
  return error instanceof RefusedError ? error.message : describeFailure(method, url, error);
}

/**
 * Sends alerts to one Alertmanager from a queue, one request at a time. Alerts of a request that could not be delivered
 * go back to the queue and are sent again after a pause, for as long as they are true. Alerts of a request that the
 * Alertmanager refuses are dropped.
 */
export class AlertSender {
  readonly url: string;
  readonly numbers: AlertSenderNumbers = { sent: 0, errors: 0, dropped: 0 };
  readonly #options: AlertSenderOptions;
  readonly #queue: AlertQueue;
  #sending: Promise<void> | undefined;
  /** Ends the pause after a failed request. */
  #pause: AbortController | undefined;
  #isClosed = false;
  /** Whether the queue has just dropped alerts. The alerts of a large rule arrive in many parts. */
  #isFull = false;
  /** Number of failed requests since the last delivered one. */
  #failures = 0;

  constructor(options: AlertSenderOptions) {
    this.url = maskPassword(options.url);
    this.#options = options;
    this.#queue = new AlertQueue(options.capacity);
  }

  get queueLength(): number {
    return this.#queue.length;
  }

  /**
   * Adds alerts to the queue. If the queue is full, drops the oldest alerts. New alerts end a pause, so that they never
   * wait longer than without one.
   */
  enqueue(alerts: readonly PostableAlert[]): void {
    if (this.#isClosed) return;
    this.#noteFull(this.#queue.push(alerts));
    this.#pause?.abort();
    if (this.#queue.length > 0) this.#sending ??= this.#sendAll();
  }

  #noteFull(dropped: number): void {
    const wasFull = this.#isFull;
    this.#isFull = dropped > 0;
    this.numbers.dropped += dropped;
    if (wasFull || dropped === 0) return;
    this.#options.logger.warn("Alert notification queue full, dropping alerts", { num_dropped: dropped });
  }

  async #sendAll(): Promise<void> {
    try {
      while (this.#queue.length > 0) {
        await this.#sendBatch(this.#queue.take(this.#options.batchSize));
        if (this.#failures > 0 && this.#queue.length > 0 && !this.#isClosed) await this.#waitAfterFailure();
      }
    } finally {
      // Allows the next call of enqueue() to start #sendAll() again. No alert is missed, because there is no `await`
      // between the check for an empty queue and this line.
      this.#sending = undefined;
    }
  }

  async #waitAfterFailure(): Promise<void> {
    this.#pause = new AbortController();
    await this.#options.clock.sleep(this.#pauseMs, this.#pause.signal).catch(() => undefined);
    this.#pause = undefined;
  }

  async #sendBatch(batch: readonly PostableAlert[]): Promise<void> {
    const { clock, logger, observeLatency } = this.#options;
    const started = clock.monotonic();
    try {
      await this.#post(postableAlertsJson(batch));
      this.numbers.sent += batch.length;
      this.#failures = 0;
    } catch (error) {
      this.numbers.errors += batch.length;
      logger.error("Error sending alerts", {
        alertmanager: this.url,
        count: batch.length,
        err: failureText(error, this.#options.url),
      });
      const isRefused = error instanceof RefusedError && !error.isTemporary;
      this.#failures = isRefused ? 0 : this.#failures + 1;
      if (isRefused) this.numbers.dropped += batch.length;
      else this.#keepTrue(batch);
    }
    observeLatency((clock.monotonic() - started) / 1000);
  }

  /** Pause in ms before the next request. */
  get #pauseMs(): number {
    return Math.min(FIRST_PAUSE_MS * 2 ** (this.#failures - 1), LAST_PAUSE_MS);
  }

  /** Puts the alerts of a failed request back to the queue, except those that are not true after the pause. */
  #keepTrue(batch: readonly PostableAlert[]): void {
    const nextMs = this.#options.clock.now() + this.#pauseMs;
    const kept = this.#isClosed ? [] : batch.filter((alert) => isStillTrue(alert, nextMs));
    this.numbers.dropped += batch.length - kept.length;
    this.#noteFull(this.#queue.putBack(kept));
  }

  /** Requests the status of the Alertmanager, as JSON text. Rejects with an error whose message has no secrets. */
  async status(): Promise<string> {
    try {
      return await this.#withDeadline(Math.min(this.#options.timeoutMs, MAX_STATUS_MS), (signal) =>
        this.read("status", signal, MAX_STATUS),
      );
    } catch (cause) {
      throw new Error(this.readFailure("status", cause), { cause });
    }
  }

  /** Requests data of the Alertmanager, as text. `path` is relative to `/api/v2/`. */
  async read(path: string, signal: AbortSignal, maxBytes: number): Promise<string> {
    const { client, userAgent } = this.#options;
    const headers = { accept: "application/json", "user-agent": userAgent };
    const answer = await client.request(this.#urlOf(path), { method: "GET", headers, signal });
    if (answer.statusCode !== 200) {
      await answer.body.dump();
      throw new RefusedError(`bad response status ${answer.statusCode}`);
    }
    const tooLong = (): Error => new RefusedError(`the answer is longer than ${maxBytes} bytes`);
    return (await limitedBody(answer.body, maxBytes, tooLong)).toString();
  }

  /** Describes why read() failed, without secrets. */
  readFailure(path: string, error: unknown): string {
    return failureText(error, maskPassword(this.#urlOf(path)), "GET");
  }

  #urlOf(path: string): string {
    return this.#options.url.replace(/alerts$/, () => path);
  }

  async #withDeadline<T>(timeoutMs: number, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const deadline = new AbortController();
    const cancel = this.#options.clock.after(timeoutMs, () => deadline.abort(new Error("context deadline exceeded")));
    try {
      return await run(deadline.signal);
    } finally {
      cancel();
    }
  }

  async #post(body: string): Promise<void> {
    const { url, client, timeoutMs, userAgent } = this.#options;
    await this.#withDeadline(timeoutMs, async (signal) => {
      const answer = await client.request(url, {
        method: "POST",
        headers: { "content-type": "application/json", "user-agent": userAgent },
        body,
        signal,
      });
      await answer.body.dump();
      if (answer.statusCode < 200 || answer.statusCode > 299) {
        const { statusCode: status, statusText } = answer;
        const isTemporary = status >= 500 || status === 429 || status === 408;
        throw new RefusedError(`bad response status ${status} ${statusText}`.trimEnd(), isTemporary);
      }
    });
  }

  /**
   * Refuses further alerts. With `drain`, sends the queued alerts once before the promise resolves; otherwise drops
   * them.
   */
  async close(drain: boolean): Promise<void> {
    this.#isClosed = true;
    this.#pause?.abort();
    if (!drain) this.numbers.dropped += this.#queue.take(Infinity).length;
    await this.#sending;
  }
}
