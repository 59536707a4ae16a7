import { randomBytes } from "node:crypto";
import { Labels } from "@narthex/model";
import type { Clock, Logger } from "@narthex/runtime";
import type { Collection, Entry } from "@narthex/store";
import { entryReader } from "../stored-entries.ts";
import { isTextList, isTime } from "../untrusted-json.ts";
import type { Alert } from "../alerts/alert.ts";
import type { AlertChange } from "../alerts/alert-journal.ts";
import type { Suppression } from "../dispatch/alerting-metrics.ts";
import type { Flush, FlushAlert } from "../dispatch/flush.ts";
import type { SuppressedAlert } from "../dispatch/notification-observer.ts";
import { WriteBehind } from "./write-behind.ts";

/** Kind of an event in the history of an alert. `released` means that the alert is no longer suppressed. */
type AlertEventKind = Exclude<AlertChange, "changed"> | "released" | Suppression;

/** One event in the history of an alert, such as that the alert fires. */
export interface AlertEvent {
  /** Time of the event, Unix ms. */
  readonly at: number;
  readonly fingerprint: string;
  readonly kind: AlertEventKind;
  /**
   * Describes what suppresses the alert: ids of silences, fingerprints of inhibiting alerts, or names of time
   * intervals.
   */
  readonly by?: readonly string[];
  /** Key of the group in which the alert is suppressed. */
  readonly groupKey?: string;
  /** Labels of the alert in `fired` events: name, value, name, value … */
  readonly labels?: readonly string[];
}

export interface AlertHistoryOptions {
  readonly collection: Collection;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Time after which an event is removed, ms. */
  readonly retentionMs: number;
  /** Maximum number of events in memory and on disk. The default is 50,000. */
  readonly maxCount?: number;
}

const MAX_COUNT = 50_000;

/** Maximum number of events in one stored entry. */
const BATCH = 500;

interface SuppressedGroup {
  /**
   * Text that identifies what suppresses an alert, for each suppressed alert of a group, by the alert's fingerprint.
   */
  readonly alerts: Map<string, string>;
  /** Time when alerts of the group were last suppressed, Unix ms. */
  at: number;
}

interface Batch {
  readonly key: string;
  readonly events: AlertEvent[];
}

/**
 * The history of alerts: when they fired, ended or were suppressed. The history is limited by age and by number of
 * events. A repeated report that an alert fires is not an event.
 */
export class AlertHistory {
  readonly #options: AlertHistoryOptions;
  readonly #disk: WriteBehind;
  /** Events in order of time, in batches. Each batch is stored as one entry, under the key of the batch. */
  readonly #batches = new Map<string, AlertEvent[]>();
  /** Labels of each alert by fingerprint, as a flat list: name, value, name, value … */
  readonly #labels = new Map<string, readonly string[]>();
  #size = 0;
  readonly #suppressed = new Map<string, SuppressedGroup>();
  readonly #instance = randomBytes(3).toString("hex");
  #open: Batch | undefined;
  #count = 0;

  private constructor(options: AlertHistoryOptions) {
    this.#options = options;
    this.#disk = new WriteBehind({ ...options, subject: "Keeping the alerts' history" });
  }

  /** Reads the stored events. */
  static async load(options: AlertHistoryOptions): Promise<AlertHistory> {
    const history = new AlertHistory(options);
    const entries = await options.collection.entries();
    const read = entryReader("alert_history", options.logger, readBatch);
    const ordered = entries.toSorted((a, b) => (a.key < b.key ? -1 : 1));
    for (const batch of read(ordered)) history.#load(batch);
    options.collection.watch(({ put, removed }) => {
      for (const batch of read(put)) history.#load(batch);
      for (const key of removed) history.#drop(key, false);
    });
    history.#bound();
    return history;
  }

  /** Returns the events of an alert, the latest first. */
  of(fingerprint: string): readonly AlertEvent[] {
    const events: AlertEvent[] = [];
    for (const batch of this.#batches.values()) {
      for (const event of batch) if (event.fingerprint === fingerprint) events.push(event);
    }
    return events.toSorted((a, b) => b.at - a.at);
  }

  /** Yields all events in the order of time. */
  *events(): Iterable<AlertEvent> {
    for (const batch of [...this.#batches.entries()].sort(([a], [b]) => (a < b ? -1 : 1))) yield* batch[1];
  }

  /** Returns the labels of an alert that has events, or undefined. */
  labelsOf(fingerprint: string): Labels | undefined {
    const pairs = this.#labels.get(fingerprint);
    return pairs === undefined ? undefined : Labels.fromSortedPairs(pairs);
  }

  /** Yields fingerprints and labels of all alerts that have events. */
  *known(): Iterable<readonly [string, Labels]> {
    for (const [fingerprint, pairs] of this.#labels) yield [fingerprint, Labels.fromSortedPairs(pairs)];
  }

  /** Records that an alert fires or has ended. */
  changed({ fingerprint, labels }: Alert, change: AlertChange): void {
    if (change === "changed") return;
    this.#note({ at: 0, fingerprint, kind: change, ...(change === "fired" ? { labels: labels.pairs } : {}) });
  }

  /** Records which alerts of a group are suppressed when the group notifies. */
  suppressed({ groupKey }: Flush, reason: Suppression, alerts: readonly SuppressedAlert[]): void {
    const group = this.#suppressed.get(groupKey) ?? { alerts: new Map<string, string>(), at: 0 };
    this.#suppressed.set(groupKey, group);
    group.at = this.#options.clock.now();
    for (const { alert, by } of alerts) {
      const what = `${reason} ${by.join(" ")}`;
      if (alert.resolved) group.alerts.delete(alert.fingerprint);
      else if (group.alerts.get(alert.fingerprint) !== what) {
        group.alerts.set(alert.fingerprint, what);
        this.#note({ at: 0, fingerprint: alert.fingerprint, kind: reason, by, groupKey });
      }
    }
  }

  /** Records which alerts of a group are not suppressed, or no longer suppressed, when the group notifies. */
  passes({ groupKey }: Flush, alerts: readonly FlushAlert[]): void {
    const known = this.#suppressed.get(groupKey)?.alerts;
    if (known === undefined) return;
    for (const { fingerprint, resolved } of alerts) {
      if (known.delete(fingerprint) && !resolved) this.#note({ at: 0, fingerprint, kind: "released", groupKey });
    }
    if (known.size === 0) this.#suppressed.delete(groupKey);
  }

  /** Removes old events. */
  async collect(): Promise<void> {
    const { clock, collection, retentionMs } = this.#options;
    const now = clock.now();
    for (const [key, events] of this.#batches) {
      if (events.length > 0 && events[0]!.at + retentionMs <= now && key !== this.#open?.key) this.#drop(key);
    }
    // Forgets groups that have not suppressed an alert for the retention time, including groups that a configuration
    // reload has removed.
    for (const [key, group] of this.#suppressed) if (group.at + retentionMs <= now) this.#suppressed.delete(key);
    await collection.dropExpired(now);
  }

  /** Writes all waiting events to the store. */
  close(): Promise<void> {
    return this.#disk.close();
  }

  #note(event: AlertEvent): void {
    const at = this.#options.clock.now();
    let open = this.#open;
    if (open === undefined || open.events.length >= BATCH) open = this.#begin(at);
    open.events.push({ ...event, at });
    if (event.labels !== undefined) this.#labels.set(event.fingerprint, event.labels);
    this.#size++;
    const { key, events } = open;
    this.#disk.put(
      key,
      () => {
        // Starts a new batch for later events, because a written batch gets no more events.
        if (this.#open?.key === key) this.#open = undefined;
        return JSON.stringify(events);
      },
      at + this.#options.retentionMs,
    );
    if (this.#size > (this.#options.maxCount ?? MAX_COUNT)) this.#bound();
  }

  #begin(at: number): Batch {
    this.#count++;
    const key = [Math.floor(at).toString().padStart(14, "0"), this.#instance, this.#count.toString(36)].join("-");
    const events: AlertEvent[] = [];
    this.#batches.set(key, events);
    return (this.#open = { key, events });
  }

  #load({ key, events, expiresAt }: Batch & Pick<Entry, "expiresAt">): void {
    if (expiresAt <= this.#options.clock.now()) return;
    this.#drop(key, false);
    this.#batches.set(key, events);
    for (const { fingerprint, labels } of events) if (labels !== undefined) this.#labels.set(fingerprint, labels);
    this.#size += events.length;
  }

  #drop(key: string, onDisk = true): void {
    const events = this.#batches.get(key) ?? [];
    for (const { fingerprint, labels } of events) {
      if (labels !== undefined && this.#labels.get(fingerprint) === labels) this.#labels.delete(fingerprint);
    }
    this.#size -= events.length;
    this.#batches.delete(key);
    if (this.#open?.key === key) this.#open = undefined;
    if (onDisk) this.#disk.remove(key);
  }

  #bound(): void {
    for (const key of this.#batches.keys()) {
      if (this.#size <= (this.#options.maxCount ?? MAX_COUNT)) return;
      this.#drop(key);
    }
  }
}

function readBatch({ key, value, expiresAt }: Entry): Batch & Pick<Entry, "expiresAt"> {
  const found = JSON.parse(value) as unknown;
  if (!Array.isArray(found) || !found.every(isEvent))
    throw new Error("invalid entry of the history: it is not a list of events");
  return { key, events: found, expiresAt };
}

function isEvent(found: unknown): found is AlertEvent {
  const { at, fingerprint, kind, labels = [] } = (found ?? {}) as { [K in keyof AlertEvent]?: unknown };
  return isTime(at) && typeof fingerprint === "string" && typeof kind === "string" && isTextList(labels);
}
