import { type Delivery, type FailureReason, rejected, retry } from "./delivery.ts";

const FIRST_PAUSE_MS = 500;
const LAST_PAUSE_MS = 60_000;
const GROWTH = 1.5;
const JITTER = 0.5;

/**
 * Computes the pauses between attempts to send one notification. Each pause is one and a half times as long as the one
 * before, up to a minute, and is then changed at random by up to half of its length.
 */
export class Backoff {
  readonly #random: () => number;
  #pauseMs = FIRST_PAUSE_MS;

  /** @param random returns a number in [0, 1) */
  constructor(random: () => number) {
    this.#random = random;
  }

  /** Returns the time in ms from the start of one attempt to the start of the next. */
  pauseMs(): number {
    return this.#pauseMs * (1 - JITTER + 2 * JITTER * this.#random());
  }

  grow(): void {
    this.#pauseMs = Math.min(this.#pauseMs * GROWTH, LAST_PAUSE_MS);
  }
}

/** Returns the value of the metric label `reason` for a failed request with this HTTP status. */
export function failureOf(status: number): FailureReason {
  if (status === 401 || status === 403) return "authError";
  if (status === 429) return "rateLimited";
  if (status >= 400 && status < 500) return "clientError";
  return status >= 500 ? "serverError" : "other";
}

/** The parts of an HTTP answer that decide whether a notification was delivered. */
export interface AnswerStatus {
  readonly status: number;
  readonly body: string;
  readonly retryAfterMs?: number | undefined;
}

/**
 * Converts an HTTP answer to the result of an attempt. Status 2xx means sent. Status 5xx, the statuses in `retryCodes`
 * and a 429 with Retry-After can be tried again; anything else is rejected. Alertmanager usually drops the notification
 * after a 429, although a service that names a time expects a retry.
 */
export function deliveryFromAnswer(answer: AnswerStatus, retryCodes: readonly number[] = []): Delivery {
  const { status, body, retryAfterMs } = answer;
  if (status >= 200 && status < 300) return { kind: "sent" };
  const reason = `unexpected status code ${status}${body === "" ? "" : `: ${body}`}`;
  const again = status >= 500 || retryCodes.includes(status) || (status === 429 && retryAfterMs !== undefined);
  if (!again) return rejected(reason, failureOf(status));
  return { ...retry(reason, failureOf(status)), ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
}
