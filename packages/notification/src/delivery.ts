/** Values of the label `reason` in metrics of failed notifications. */
export const FAILURE_REASONS = [
  "authError",
  "clientError",
  "contextCanceled",
  "contextDeadlineExceeded",
  "other",
  "rateLimited",
  "serverError",
] as const;

export type FailureReason = (typeof FAILURE_REASONS)[number];

/** Outcome of one attempt to deliver a notification: sent, to be tried again, or permanently rejected. */
export type Delivery =
  | { readonly kind: "sent"; readonly data?: Readonly<Record<string, string>> }
  | { readonly kind: "rejected"; readonly reason: string; readonly failure: FailureReason }
  | {
      readonly kind: "retry";
      readonly reason: string;
      readonly failure: FailureReason;
      /**
       * Minimum time in ms until the next attempt. The service has requested this time because it limits the rate of
       * requests.
       */
      readonly retryAfterMs?: number;
      /** Set if the attempt sent nothing, because the service has asked to wait and the time is not over. */
      readonly unsent?: true;
    };

export type FailedDelivery = Exclude<Delivery, { kind: "sent" }>;

/** Returns a failed attempt that should be tried again. */
export const retry = (reason: string, failure: FailureReason = "other"): Extract<Delivery, { kind: "retry" }> => ({
  kind: "retry",
  reason,
  failure,
});

/** Returns a failed attempt that must not be tried again, because it would fail again. */
export const rejected = (
  reason: string,
  failure: FailureReason = "other",
): Extract<Delivery, { kind: "rejected" }> => ({
  kind: "rejected",
  reason,
  failure,
});

/** Error for a notification that was not delivered. `delivery` contains the reason, and whether a retry can succeed. */
export class DeliveryError extends Error {
  override readonly name: string = "DeliveryError";
  readonly delivery: FailedDelivery;

  constructor(delivery: FailedDelivery, what = "") {
    const reason = what === "" ? delivery.reason : `${what}: ${delivery.reason}`;
    super(reason);
    this.delivery = { ...delivery, reason };
  }
}

/** Error for a notification that cannot be created or sent. A retry cannot succeed. */
export class PermanentError extends DeliveryError {
  override readonly name = "PermanentError";

  constructor(reason: string, failure: FailureReason = "other") {
    super(rejected(reason, failure));
  }
}
