import {
  DeliveryError,
  rejected,
  retry,
  type Delivery,
  type FailedDelivery,
  type Notification,
} from "@narthex/notification";
import type { RateLimits } from "./http/rate-limits.ts";
import { Redaction } from "./redaction.ts";
import { isTemplateFault, type Rendering } from "./templates/renderer.ts";

export interface AttemptOptions {
  readonly notification: Notification;
  readonly render: Rendering;
  readonly signal: AbortSignal;
  /** Secrets of the configuration, which are redacted in reports. */
  readonly secrets: Iterable<string>;
  readonly rateLimits: RateLimits;
}

/**
 * One attempt to send a notification: its content, the renderer of its templates, and the secrets that must not appear
 * in logs.
 */
export class Attempt {
  readonly notification: Notification;
  readonly render: Rendering;
  readonly signal: AbortSignal;
  readonly redaction: Redaction;
  readonly #rateLimits: RateLimits;
  #account = "";

  constructor({ notification, render, signal, secrets, rateLimits }: AttemptOptions) {
    this.notification = notification;
    this.render = render;
    this.signal = signal;
    this.redaction = new Redaction(secrets);
    this.#rateLimits = rateLimits;
  }

  /** Adds a secret that is redacted in reports of the attempt, and returns it. */
  hide(secret: string): string {
    return this.redaction.hide(secret);
  }

  /**
   * Returns the remaining time in ms for which the service at the URL must not get requests, or 0. A service requests
   * such a pause with Retry-After.
   */
  remainingPauseMs(url: string): number {
    this.#account = `${URL.parse(url)?.origin ?? ""}\n${this.redaction.credential}`;
    return this.#rateLimits.remainingMs(this.#account, this.notification.maxRetryAfterMs);
  }

  /**
   * Returns the outcome of the delivery with secrets redacted. Records the pause that the service requested, if any.
   */
  report(delivery: Delivery): Delivery {
    if (delivery.kind === "sent") return delivery;
    if (delivery.kind === "retry" && delivery.retryAfterMs !== undefined && delivery.unsent !== true) {
      this.#rateLimits.note(this.#account, delivery.retryAfterMs);
    }
    return { ...delivery, reason: this.redaction.redact(delivery.reason) };
  }
}

/**
 * Calls `send` and returns its outcome, even if it throws. An error in a template is final, and a DeliveryError
 * contains its outcome. Any other error is unexpected, so the notification is tried again.
 * @param what text before the message of an error in a template
 */
export async function deliveryOutcome(send: () => Promise<Delivery>, what = ""): Promise<Delivery> {
  try {
    return await send();
  } catch (error) {
    return failedBy(error, what);
  }
}

function failedBy(error: unknown, what: string): FailedDelivery {
  if (isTemplateFault(error)) return rejected(`${what}${error.message}`);
  if (error instanceof DeliveryError) return error.delivery;
  return retry(error instanceof Error ? error.message : String(error));
}
