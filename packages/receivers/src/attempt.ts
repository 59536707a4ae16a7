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

/** What an attempt is made with. */
export interface AttemptOptions {
  readonly notification: Notification;
  readonly render: Rendering;
  readonly signal: AbortSignal;
  /** Secrets of the configuration. */
  readonly secrets: Iterable<string>;
  readonly rateLimits: RateLimits;
}

/** One attempt to send a notification: its content, the renderer of its templates, and the secrets to redact. */
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

  /** Keeps a secret that the service is sent out of what is reported of the attempt, and returns it. */
  hide(secret: string): string {
    return this.redaction.hide(secret);
  }

  /** Time that is left of a pause which the service of a URL has asked for, ms; 0: it may be sent to. */
  remainingPauseMs(url: string): number {
    this.#account = `${URL.parse(url)?.origin ?? ""}\n${this.redaction.credential}`;
    return this.#rateLimits.remainingMs(this.#account, this.notification.maxRetryAfterMs);
  }

  /** An outcome as it is reported. A pause that the service asked for counts for all integrations with the same account there. */
  report(delivery: Delivery): Delivery {
    if (delivery.kind === "sent") return delivery;
    if (delivery.kind === "retry" && delivery.retryAfterMs !== undefined && delivery.unsent !== true) {
      this.#rateLimits.note(this.#account, delivery.retryAfterMs);
    }
    return { ...delivery, reason: this.redaction.redact(delivery.reason) };
  }
}

/**
 * How sending ended, also where it threw: a template's fault is final, a DeliveryError says how. What else is thrown is a
 * bug, or an unforeseen fault: worth another attempt.
 *
 * @param what goes before the words of a template's fault
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
