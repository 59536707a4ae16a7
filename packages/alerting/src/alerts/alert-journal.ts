import { Labels } from "@narthex/model";
import { type Clock, type Logger, logOnChange, type StateLog } from "@narthex/runtime";
import type { Collection, Entry } from "@narthex/store";
import { type Alert, isResolvedAt } from "./alert.ts";
import type { AlertStore } from "./alert-store.ts";
import type { Flush } from "../dispatch/flush.ts";

/**
 * How a posted alert changed the stored alert. `expired` means that the alert ended because its source did not post it
 * again in time.
 */
export type AlertChange = "changed" | "expired" | "fired" | "resolved";

export interface AlertJournalOptions {
  readonly collection: Collection;
  readonly alerts: AlertStore;
  readonly clock: Clock;
  readonly logger: Logger;
  /**
   * Returns the time (Unix ms) at which another instance of the cluster notified that the alert has ended. Returns
   * undefined if no instance did, or if this instance has a later report of the alert.
   */
  readonly endOf?: (alert: Alert) => number | undefined;
  /** Receives every change of an alert. A repeated report that an alert still fires is not a change. */
  readonly changed?: (alert: Alert, change: AlertChange) => void;
}

/** Describes what the journal knows about an alert: the last report, and the times that are already on disk. */
interface JournalEntry {
  /**
   * The last report of the alert, shared with the alert store. Its labels and annotations are on disk or will be
   * written; its start and end times may never be written.
   */
  alert: Alert;
  /** Time at which the alert ends, Unix ms, as the alert store in memory has it. The disk may have an earlier value. */
  endsAt: number;
  /** True if the source reported the end of the alert, or if receivers were notified of the end. */
  ended: boolean;
  /** `endsAt` and `updatedAt` of the alert on disk, Unix ms. */
  writtenEndsAt: number;
  writtenUpdatedAt: number;
}

/** Maximum time in ms that a restored alert continues to fire after a start, if its source does not report it again. */
const MAX_GRACE_MS = 300_000;

/**
 * Two end times of an alert that differ by less than this time in ms count as equal, because reports arrive with
 * varying delay.
 */
const TOLERANCE_MS = 10_000;

/** Time in ms until changed end times are written, and until a failed write is tried again. */
const DEFER_MS = 5000;

/**
 * Maximum number of alerts that one transaction writes. A request may contain a hundred thousand alerts, and the
 * process must handle other requests between transactions.
 */
const ROWS_AT_ONCE = 5000;

const NEVER = Number.MAX_SAFE_INTEGER;

/**
 * Writes alerts to disk, so that they survive a restart, even if the process is killed. New, resolved and changed
 * alerts are on disk before the client's request is answered. All changes of one turn of the event loop share one
 * transaction. Most requests only repeat that an alert still fires. The journal does not write such a report if the
 * alert would get the same end after a restart anyway.
 */
export class AlertJournal {
  readonly #options: AlertJournalOptions;
  readonly #stateLog: StateLog;
  readonly #entries = new Map<string, JournalEntry>();
  #restoring: readonly Entry[];
  #maxGraceMs = MAX_GRACE_MS;
  /** Fingerprints of the alerts that the next transaction writes. */
  #dirty = new Set<string>();
  readonly #deferred = new Set<string>();
  #cancelTimer: (() => void) | undefined;
  #tail: Promise<void> = Promise.resolve();
  #scheduled: Promise<void> | undefined;
  #isWriting = false;
  #unsubscribe: (() => void) | undefined;

  private constructor(options: AlertJournalOptions, restoring: readonly Entry[]) {
    this.#options = options;
    this.#restoring = restoring;
    this.#stateLog = logOnChange(options.logger, "Keeping alerts on disk");
  }

  /** Reads the stored entries. */
  static async load(options: AlertJournalOptions): Promise<AlertJournal> {
    return new AlertJournal(options, await options.collection.entries());
  }

  /**
   * Puts the stored alerts into the alert store, and from then on records the changes of the alert store. A firing
   * alert continues to fire until its source has had time to report it again. An ended alert stays ended. Only the
   * first call has an effect.
   */
  restore(resolveTimeoutMs: number): void {
    const { alerts, clock } = this.#options;
    this.#maxGraceMs = Math.max(resolveTimeoutMs, MAX_GRACE_MS);
    if (this.#unsubscribe !== undefined) return;
    const now = clock.now();
    for (const { key, value } of this.#restoring) {
      const { alert, ended } = deserialize(key, value);
      const notifiedEnd = ended ? undefined : this.#options.endOf?.(alert);
      const entry = entryOf(alert, ended || notifiedEnd !== undefined);
      entry.endsAt = entry.ended ? (notifiedEnd ?? alert.endsAt) : this.#grantedEnd(entry, now);
      this.#entries.set(key, entry);
      // Marks the estimated end as a timeout, so that the next report of the alert's source replaces this end.
      alerts.put(entry.endsAt === alert.endsAt ? alert : { ...alert, endsAt: entry.endsAt, timeout: true });
    }
    if (this.#restoring.length > 0) this.#options.logger.info("Alerts restored", { count: this.#restoring.length });
    this.#restoring = [];
    this.#unsubscribe = alerts.subscribe((alert) => this.#observe(alert));
  }

  /**
   * Returns a promise that resolves when all alerts received so far are on disk, or when the write has failed. Failed
   * writes are logged. Returns undefined if all alerts are already on disk.
   */
  written(): Promise<void> | undefined {
    if (this.#dirty.size > 0) return this.#write();
    return this.#isWriting ? this.#tail : undefined;
  }

  /**
   * Records the end of alerts before a notification reports it, including alerts that their source no longer repeats.
   * Otherwise these alerts would fire again after a restart.
   */
  flushBegins({ alerts }: Flush): Promise<void> | undefined {
    let hasEnded = false;
    for (const notified of alerts) {
      if (!notified.resolved) continue;
      hasEnded = true;
      const entry = this.#entries.get(notified.fingerprint);
      if (entry === undefined || entry.ended || entry.endsAt !== notified.endsAt) continue;
      const { resolved: _, ...alert } = notified;
      this.#update(entry, alert, true);
      this.#options.changed?.(alert, "expired");
    }
    return hasEnded ? this.written() : undefined;
  }

  /** Removes an alert from disk if the alert store no longer has it, unless a group must still notify its end. */
  async collect(isAwaited: (fingerprint: string) => boolean): Promise<void> {
    const gone = [...this.#entries.keys()].filter(
      (key) => this.#options.alerts.get(key) === undefined && !isAwaited(key),
    );
    for (const key of gone) {
      this.#entries.delete(key);
      this.#dirty.delete(key);
      this.#deferred.delete(key);
    }
    if (gone.length === 0) return;
    const removal = this.#tail.then(() => this.#options.collection.change([], gone));
    this.#tail = removal.catch(() => undefined);
    await removal;
  }

  /** Writes all waiting alerts to disk. */
  async close(): Promise<void> {
    this.#unsubscribe?.();
    this.#cancelTimer?.();
    this.#undefer();
    await this.written();
  }

  /**
   * Returns the end in Unix ms that a restored alert gets if its source does not report it again after the start of the
   * process at `start`.
   */
  #grantedEnd({ writtenEndsAt, writtenUpdatedAt }: JournalEntry, start: number): number {
    return Math.max(writtenEndsAt, start + Math.min(writtenEndsAt - writtenUpdatedAt, this.#maxGraceMs));
  }

  #observe(alert: Alert): void {
    const ended = isResolvedAt(alert, alert.updatedAt);
    const entry = this.#entries.get(alert.fingerprint);
    if (entry === undefined) {
      this.#entries.set(alert.fingerprint, entryOf(alert, ended));
      this.#dirty.add(alert.fingerprint);
      this.#options.changed?.(alert, ended ? "resolved" : "fired");
      return;
    }
    const wasEnded = entry.ended || entry.endsAt <= alert.updatedAt;
    if (wasEnded === ended && sameContent(entry.alert, alert)) {
      entry.alert = alert;
      entry.endsAt = alert.endsAt;
      const granted = this.#grantedEnd(entry, alert.updatedAt) + TOLERANCE_MS;
      if (ended ? alert.endsAt !== entry.writtenEndsAt : alert.endsAt > granted) this.#defer(alert.fingerprint);
      return;
    }
    this.#update(entry, alert, ended);
    this.#options.changed?.(alert, wasEnded === ended ? "changed" : ended ? "resolved" : "fired");
  }

  #update(entry: JournalEntry, alert: Alert, ended: boolean): void {
    entry.alert = alert;
    entry.endsAt = alert.endsAt;
    entry.ended = ended;
    this.#deferred.delete(alert.fingerprint);
    this.#dirty.add(alert.fingerprint);
  }

  #defer(fingerprint: string): void {
    this.#deferred.add(fingerprint);
    this.#writeLater();
  }

  #writeLater(): void {
    this.#cancelTimer ??= this.#options.clock.after(DEFER_MS, () => {
      this.#cancelTimer = undefined;
      this.#undefer();
      void this.written();
    });
  }

  /** Adds the alerts whose write was delayed to the next transaction. */
  #undefer(): void {
    for (const key of this.#deferred) this.#dirty.add(key);
    this.#deferred.clear();
  }

  /**
   * Writes the changed alerts to disk after the write in progress has ended. An alert that changes during this wait is
   * part of the same transaction.
   */
  #write(): Promise<void> {
    this.#isWriting = true;
    this.#scheduled ??= this.#tail = this.#tail.then(() => this.#writeDirty());
    return this.#scheduled;
  }

  async #writeDirty(): Promise<void> {
    this.#scheduled = undefined;
    const batch = [...this.#dirty];
    this.#dirty = new Set();
    try {
      for (let i = 0; i < batch.length; i += ROWS_AT_ONCE) {
        const entries = batch.slice(i, i + ROWS_AT_ONCE).flatMap((key) => this.#entriesOf(key));
        await this.#options.collection.change(entries, []);
      }
      this.#stateLog.succeeded();
    } catch (error) {
      // The alerts are accepted even if they cannot be stored, because notifications matter more than the state after a
      // restart.
      this.#stateLog.failed(error instanceof Error ? error.message : String(error));
      for (const key of batch) this.#dirty.add(key);
      this.#writeLater();
    }
    if (this.#scheduled === undefined) this.#isWriting = false;
  }

  /** Returns the store entry of an alert as a list. The list is empty if the alert was removed before the write. */
  #entriesOf(key: string): readonly Entry[] {
    const entry = this.#entries.get(key);
    if (entry === undefined) return [];
    entry.writtenEndsAt = entry.alert.endsAt;
    entry.writtenUpdatedAt = entry.alert.updatedAt;
    return [{ key, value: serialize(entry.alert, entry.ended), expiresAt: NEVER }];
  }
}

const entryOf = (alert: Alert, ended: boolean): JournalEntry => ({
  alert,
  endsAt: alert.endsAt,
  ended,
  writtenEndsAt: alert.endsAt,
  writtenUpdatedAt: alert.updatedAt,
});

const sameContent = (a: Alert, b: Alert): boolean =>
  a.startsAt === b.startsAt &&
  a.timeout === b.timeout &&
  a.generatorUrl === b.generatorUrl &&
  samePairs(a.annotations.pairs, b.annotations.pairs);

const samePairs = (a: readonly string[], b: readonly string[]): boolean =>
  a === b || (a.length === b.length && a.every((text, i) => text === b[i]));

/** Returns an alert as JSON for the disk. Labels are a flat list sorted by name: name, value, name, value … */
const serialize = (
  { labels, annotations, startsAt, endsAt, updatedAt, timeout, generatorUrl }: Alert,
  ended: boolean,
): string =>
  JSON.stringify([labels.pairs, annotations.pairs, startsAt, endsAt, updatedAt, timeout, generatorUrl, ended]);

function deserialize(fingerprint: string, text: string): { readonly alert: Alert; readonly ended: boolean } {
  const [labels, annotations, startsAt, endsAt, updatedAt, timeout, generatorUrl, ended] = JSON.parse(text) as [
    readonly string[],
    readonly string[],
    number,
    number,
    number,
    boolean,
    string,
    boolean,
  ];
  const alert: Alert = {
    labels: Labels.fromSortedPairs(labels),
    annotations: Labels.fromSortedPairs(annotations),
    startsAt,
    endsAt,
    updatedAt,
    timeout,
    generatorUrl,
    fingerprint,
  };
  return { alert, ended };
}
