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
  | { readonly kind: "rejected"; readonly reason: string; readonly failure: FailureReason }
  | {
      readonly kind: "retry";
      readonly reason: string;
      readonly failure: FailureReason;
      /** The service asked for at least this pause, ms. */
      readonly retryAfterMs?: number;
    };

export const retry = (reason: string, failure: FailureReason = "other"): Extract<Delivery, { kind: "retry" }> => ({
  kind: "retry",
  reason,
  failure,
});

export const rejected = (
  reason: string,
  failure: FailureReason = "other",
): Extract<Delivery, { kind: "rejected" }> => ({
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

/** The part of an HTTP answer that decides. */
export interface AnswerStatus {
  readonly status: number;
  readonly body: string;
  readonly retryAfterMs?: number | undefined;
}

/**
 * 2xx is told; 5xx, what `retryCodes` names and a 429 that says when to come back are worth another try; anything else
 * is refused. Upstream drops the notification at most kinds' 429: a service that names a time wants it, though.
 */
export function deliveryFromAnswer(answer: AnswerStatus, retryCodes: readonly number[] = []): Delivery {
  const { status, body, retryAfterMs } = answer;
  if (status >= 200 && status < 300) return { kind: "sent" };
  const reason = `unexpected status code ${status}${body === "" ? "" : `: ${body}`}`;
  const again = status >= 500 || retryCodes.includes(status) || (status === 429 && retryAfterMs !== undefined);
  if (!again) return rejected(reason, failureOf(status));
  return { ...retry(reason, failureOf(status)), ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
}
