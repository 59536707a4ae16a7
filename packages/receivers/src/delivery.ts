/** Why a delivery failed, as Alertmanager's metrics label it. */
export type FailureReason =
  | "authError"
  | "clientError"
  | "contextCanceled"
  | "contextDeadlineExceeded"
  | "other"
  | "rateLimited"
  | "serverError";

/** How one attempt ended: told, worth another try, or refused for good. */
export type Delivery =
  | { readonly kind: "sent"; readonly data?: Readonly<Record<string, string>> }
  | { readonly kind: "rejected" | "retry"; readonly reason: string; readonly failure: FailureReason };

export const retry = (reason: string, failure: FailureReason = "other"): Delivery => ({
  kind: "retry",
  reason,
  failure,
});

export const rejected = (reason: string, failure: FailureReason = "other"): Delivery => ({
  kind: "rejected",
  reason,
  failure,
});

/** The metric's word for a status. */
export function failureOf(status: number): FailureReason {
  if (status === 401 || status === 403) return "authError";
  if (status === 429) return "rateLimited";
  if (status >= 400 && status < 500) return "clientError";
  return status >= 500 ? "serverError" : "other";
}

/** 2xx is told, 5xx (and what `retryCodes` names) worth another try, anything else refused. */
export function deliveryFromStatus(status: number, body: string, retryCodes: readonly number[] = []): Delivery {
  if (status >= 200 && status < 300) return { kind: "sent" };
  const reason = `unexpected status code ${status}: ${body}`;
  const again = status >= 500 || retryCodes.includes(status);
  return again ? retry(reason, failureOf(status)) : rejected(reason, failureOf(status));
}
