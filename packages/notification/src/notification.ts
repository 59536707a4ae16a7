import { createHash } from "node:crypto";
import { compareBytewise, Labels } from "@narthex/model";
import type { Delivery } from "./delivery.ts";

/** An alert of a notification, with its status at the flush. Times are Unix ms. */
export interface NotificationAlert {
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly startsAt: number;
  /** Counts for a resolved alert. */
  readonly endsAt: number;
  readonly resolved: boolean;
  readonly generatorUrl: string;
  /** 16 hexadecimal digits. */
  readonly fingerprint: string;
}

/** What an integration is to send: one group of alerts at one flush. */
export interface Notification {
  /** The receiver's name as configured. */
  readonly receiver: string;
  readonly groupKey: string;
  readonly groupLabels: Labels;
  /** Templates of the route's labels. */
  readonly routeLabels: ReadonlyMap<string, string>;
  readonly alerts: readonly NotificationAlert[];
  /** Upstream's sentence: `first notification`, `new alerts added` … */
  readonly reason: string;
  /** Of this Alertmanager, without a slash at its end. */
  readonly externalUrl: string;
  /** What the last delivery for this group left, such as the id of a message that can be updated. */
  readonly data: Readonly<Record<string, string>>;
  /** A pause that a service asks for by Retry-After is respected up to this length, ms. */
  readonly maxRetryAfterMs: number;
}

/** One configured way to notify people. It renders and sends once; retries and deduplication belong to the pipeline. */
export interface Integration {
  /** webhook, email, slack … */
  readonly kind: string;
  /** Place within its list in the receiver. */
  readonly index: number;
  readonly sendResolved: boolean;
  deliver(notification: Notification, signal: AbortSignal): Promise<Delivery>;
}

/** `firing` while any alert fires. */
export const notificationStatus = ({ alerts }: Pick<Notification, "alerts">): "firing" | "resolved" =>
  alerts.some(({ resolved }) => !resolved) ? "firing" : "resolved";

/** A group's key for services that limit the length of such names: 64 hexadecimal digits. */
export const hashGroupKey = (groupKey: string): string => createHash("sha256").update(groupKey).digest("hex");

/** A record as a label set. Unlike Labels.of() it keeps empty values, which an annotation may have. */
export const sortedPairs = (record: Readonly<Record<string, string>>): Labels =>
  Labels.fromSortedPairs(
    Object.entries(record)
      .sort(([a], [b]) => compareBytewise(a, b))
      .flat(),
  );
