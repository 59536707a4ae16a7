/** Kinds of failure, as the metrics of failed notifications label them. */
export const FAILURE_REASONS = [
  "authError",
  "clientError",
  "contextCanceled",
  "contextDeadlineExceeded",
  "other",
  "rateLimited",
  "serverError",
] as const;

/** Why a delivery failed. */
export type FailureReason = (typeof FAILURE_REASONS)[number];

/** How one attempt ended: sent, worth another attempt, or rejected for good. */
export type Delivery =
  | { readonly kind: "sent"; readonly data?: Readonly<Record<string, string>> }
  | { readonly kind: "rejected"; readonly reason: string; readonly failure: FailureReason }
  | {
      readonly kind: "retry";
      readonly reason: string;
      readonly failure: FailureReason;
      /** The service limits the rate, and asked for at least this pause, ms. */
      readonly retryAfterMs?: number;
      /** Nothing was sent: the pause that the service asked for is not over. */
      readonly unsent?: true;
    };

/** An attempt that did not succeed. */
export type FailedDelivery = Exclude<Delivery, { kind: "sent" }>;

/** A failed attempt that is worth another one. */
export const retry = (reason: string, failure: FailureReason = "other"): Extract<Delivery, { kind: "retry" }> => ({
  kind: "retry",
  reason,
  failure,
});

/** A failed attempt that would fail again. */
export const rejected = (
  reason: string,
  failure: FailureReason = "other",
): Extract<Delivery, { kind: "rejected" }> => ({
  kind: "rejected",
  reason,
  failure,
});

/** A notification was not delivered; `delivery` says why, and whether another attempt is worth it. */
export class DeliveryError extends Error {
  override readonly name: string = "DeliveryError";
  readonly delivery: FailedDelivery;

  /** @param what goes before the reason */
  constructor(delivery: FailedDelivery, what = "") {
    const reason = what === "" ? delivery.reason : `${what}: ${delivery.reason}`;
    super(reason);
    this.delivery = { ...delivery, reason };
  }
}

/** A notification cannot be made or sent; another attempt is of no use. */
export class PermanentError extends DeliveryError {
  override readonly name = "PermanentError";

  constructor(reason: string, failure: FailureReason = "other") {
    super(rejected(reason, failure));
  }
}
