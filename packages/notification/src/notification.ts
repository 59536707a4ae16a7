import { createHash } from "node:crypto";
import { compareBytewise, Labels } from "@narthex/model";
import type { Delivery } from "./delivery.ts";
import type { NotificationContext } from "./notification-context.ts";

/** An alert in a notification, with its status when the notification began. Times are Unix ms. */
export interface NotificationAlert {
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly startsAt: number;
  /** End time, Unix ms. Used only if the alert is resolved. */
  readonly endsAt: number;
  readonly resolved: boolean;
  readonly generatorUrl: string;
  /** Fingerprint of the alert's labels: 16 hexadecimal digits. */
  readonly fingerprint: string;
  /** Undefined if no one has acknowledged the alert. */
  readonly acknowledgement?: AlertAcknowledgement;
}

/** A note by a person who works on a firing alert. */
export interface AlertAcknowledgement {
  readonly createdBy: string;
  readonly comment: string;
  /** Time at which the person acknowledged the alert, Unix ms. */
  readonly createdAt: number;
}

/** Input of an integration: the alerts of one group and the reason for the notification. */
export interface Notification {
  /** The receiver's name as configured. */
  readonly receiver: string;
  readonly groupKey: string;
  readonly groupLabels: Labels;
  /** Templates for label values that the route sets, by label name. */
  readonly routeLabels: ReadonlyMap<string, string>;
  readonly alerts: readonly NotificationAlert[];
  /** Reason for the notification, in Alertmanager's words: `first notification`, `new alerts added` … */
  readonly reason: string;
  /** External URL of this Alertmanager, without a slash at its end. */
  readonly externalUrl: string;
  /**
   * Data that the integration returned for the last notification of the group, such as the id of a message that can be
   * updated.
   */
  readonly data: Readonly<Record<string, string>>;
  /** Maximum time in ms to wait if a service sends the header Retry-After. */
  readonly maxRetryAfterMs: number;
  /** Undefined if contexts are off, or if the integration does not show them. */
  readonly context?: NotificationContext | undefined;
}

/**
 * One configured integration, such as a webhook. Each call renders and sends a notification once. The caller handles
 * retries and deduplication.
 */
export interface Integration {
  /** Kind of the service: webhook, email, slack … */
  readonly kind: string;
  /** Index of the integration among the integrations of the same kind in the receiver. */
  readonly index: number;
  readonly sendResolved: boolean;
  /** Whether the integration shows the context of a notification. Default: no. */
  readonly showsContext?: boolean;
  /** Whom the integration notifies: a mail address, a channel or a host. Contains no secret. */
  readonly target?: string | undefined;
  deliver(notification: Notification, signal: AbortSignal): Promise<Delivery>;
}

/** Returns `firing` if any alert fires, otherwise `resolved`. */
export const notificationStatus = ({ alerts }: Pick<Notification, "alerts">): "firing" | "resolved" =>
  alerts.some(({ resolved }) => !resolved) ? "firing" : "resolved";

/** Returns a short hash of a group key (64 hexadecimal digits), for services with a length limit. */
export const hashGroupKey = (groupKey: string): string => createHash("sha256").update(groupKey).digest("hex");

/** Converts a record to a label set. Unlike Labels.of(), keeps empty values, because annotations may have them. */
export const sortedPairs = (record: Readonly<Record<string, string>>): Labels =>
  Labels.fromSortedPairs(
    Object.entries(record)
      .sort(([a], [b]) => compareBytewise(a, b))
      .flat(),
  );
