import type { Labels } from "@narthex/model";
import type { Alert } from "../alerts/alert.ts";

/** Why a delivery failed, as the metric labels it. */
export type FailureReason =
  | "authError"
  | "clientError"
  | "contextCanceled"
  | "contextDeadlineExceeded"
  | "other"
  | "rateLimited"
  | "serverError";

export const FAILURE_REASONS: readonly FailureReason[] = [
  "authError",
  "clientError",
  "contextCanceled",
  "contextDeadlineExceeded",
  "other",
  "rateLimited",
  "serverError",
];

/** How one attempt ended. */
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

/** An alert in a notification, with its status at the flush. */
export interface NotifiedAlert extends Alert {
  readonly resolved: boolean;
}

/** What an integration is told: one group at one flush. */
export interface GroupNotice {
  readonly receiver: string;
  readonly groupKey: string;
  readonly groupLabels: Labels;
  /** Templates of the route's labels. */
  readonly routeLabels: ReadonlyMap<string, string>;
  readonly alerts: readonly NotifiedAlert[];
  /** Upstream's sentence: `first notification`, `new alerts added` … */
  readonly reason: string;
  /** What the last delivery for this group left. */
  readonly data: Readonly<Record<string, string>>;
}

/** One configured way to tell people: it renders and sends once; retries belong to the pipeline. */
export interface Integration {
  /** webhook, email, slack … */
  readonly kind: string;
  /** Place within its list in the receiver. */
  readonly index: number;
  readonly sendResolved: boolean;
  deliver(notice: GroupNotice, signal: AbortSignal): Promise<Delivery>;
}
