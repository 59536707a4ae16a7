import { createHash } from "node:crypto";
import { compareBytewise, Labels } from "@narthex/model";
import type { Delivery } from "./delivery.ts";

/** An alert of a notification, with its status at the flush. Times in Unix ms. */
export interface NotificationAlert {
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly startsAt: number;
  /** End time; valid for a resolved alert. */
  readonly endsAt: number;
  readonly resolved: boolean;
  readonly generatorUrl: string;
  /** 16 hexadecimal digits. */
  readonly fingerprint: string;
}

/** The input of an integration: one group of alerts at one flush. */
export interface Notification {
  /** The receiver's name as configured. */
  readonly receiver: string;
  readonly groupKey: string;
  readonly groupLabels: Labels;
  /** Templates of the route's labels. */
  readonly routeLabels: ReadonlyMap<string, string>;
  readonly alerts: readonly NotificationAlert[];
  /** The original's reason: `first notification`, `new alerts added` … */
  readonly reason: string;
  /** External URL of this Alertmanager, without a slash at its end. */
  readonly externalUrl: string;
  /** Data of the last delivery for this group, such as the id of a message that can be updated. */
  readonly data: Readonly<Record<string, string>>;
  /** Maximum pause in ms that is respected if a service requests it by Retry-After. */
  readonly maxRetryAfterMs: number;
}

/**
 * One configured integration, such as a webhook. It renders and sends once; the pipeline handles retries and
 * deduplication.
 */
export interface Integration {
  /** Kind: webhook, email, slack … */
  readonly kind: string;
  /** Index within its list in the receiver. */
  readonly index: number;
  readonly sendResolved: boolean;
  deliver(notification: Notification, signal: AbortSignal): Promise<Delivery>;
}

/** Returns `firing` if any alert fires, otherwise `resolved`. */
export const notificationStatus = ({ alerts }: Pick<Notification, "alerts">): "firing" | "resolved" =>
  alerts.some(({ resolved }) => !resolved) ? "firing" : "resolved";

/** Returns a short form of a group's key for services with a length limit: 64 hexadecimal digits. */
export const hashGroupKey = (groupKey: string): string => createHash("sha256").update(groupKey).digest("hex");

/** Returns a record as a label set. Unlike Labels.of() it keeps empty values, which an annotation may have. */
export const sortedPairs = (record: Readonly<Record<string, string>>): Labels =>
  Labels.fromSortedPairs(
    Object.entries(record)
      .sort(([a], [b]) => compareBytewise(a, b))
      .flat(),
  );
