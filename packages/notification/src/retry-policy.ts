import { type Delivery, type FailureReason, rejected, retry } from "./delivery.ts";

const FIRST_PAUSE_MS = 500;
const LAST_PAUSE_MS = 60_000;
const GROWTH = 1.5;
const JITTER = 0.5;

/** Pauses between attempts of one notification: they grow by half, up to a minute, each spread by half. */
export class Backoff {
  readonly #random: () => number;
  #pauseMs = FIRST_PAUSE_MS;

  /** @param random in [0, 1) */
  constructor(random: () => number) {
    this.#random = random;
  }

  /** Time from the start of an attempt to the start of the next one, ms. */
  pauseMs(): number {
    return this.#pauseMs * (1 - JITTER + 2 * JITTER * this.#random());
  }

  /** The next pause is longer. */
  grow(): void {
    this.#pauseMs = Math.min(this.#pauseMs * GROWTH, LAST_PAUSE_MS);
  }
}

/** The kind of failure that a status of HTTP stands for. */
export function failureOf(status: number): FailureReason {
  if (status === 401 || status === 403) return "authError";
  if (status === 429) return "rateLimited";
  if (status >= 400 && status < 500) return "clientError";
  return status >= 500 ? "serverError" : "other";
}

/** The part of an HTTP answer that decides. */
export interface AnswerStatus {
  readonly status: number;
  readonly body: string;
  readonly retryAfterMs?: number | undefined;
}

/**
 * How an attempt ended by the answer to it: 2xx is sent; 5xx, what `retryCodes` names and a 429 that says when to come back
 * are worth another attempt; anything else is rejected for good. Upstream drops the notification at most kinds' 429: a
 * service that names a time wants it, though.
 */
export function deliveryFromAnswer(answer: AnswerStatus, retryCodes: readonly number[] = []): Delivery {
  const { status, body, retryAfterMs } = answer;
  if (status >= 200 && status < 300) return { kind: "sent" };
  const reason = `unexpected status code ${status}${body === "" ? "" : `: ${body}`}`;
  const again = status >= 500 || retryCodes.includes(status) || (status === 429 && retryAfterMs !== undefined);
  if (!again) return rejected(reason, failureOf(status));
  return { ...retry(reason, failureOf(status)), ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
}
