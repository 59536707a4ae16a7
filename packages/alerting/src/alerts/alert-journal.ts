import { Labels } from "@narthex/model";
import { type Clock, type Logger, logOnChange, type StateLog } from "@narthex/runtime";
import type { Collection, Entry } from "@narthex/store";
import { type Alert, isResolvedAt } from "./alert.ts";
import type { AlertStore } from "./alert-store.ts";
import type { Flush } from "../dispatch/flush.ts";

/** The effect of a report. `expired` means that the alert ended because it was not reported again in time. */
export type AlertChange = "changed" | "expired" | "fired" | "resolved";

export interface AlertJournalOptions {
  readonly collection: Collection;
  readonly alerts: AlertStore;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Returns when other instances notified an alert as resolved, Unix ms, if this instance had received it earlier. */
  readonly endOf?: (alert: Alert) => number | undefined;
  /** Called for every change, but not for a repeated report that the alert still fires. */
  readonly changed?: (alert: Alert, change: AlertChange) => void;
}

/** The journal's data about an alert, in addition to the alert store's. */
interface JournalEntry {
  /**
   * The last report, which is the object of the alert store. Except for its times, the report is on disk or will be
   * written.
   */
  alert: Alert;
  /** End of the alert in the alert store, Unix ms. */
  endsAt: number;
  /** True if the source reported the alert's end, or if the alert was notified as resolved. */
  ended: boolean;
  /** `endsAt` and `updatedAt` of the alert on disk, Unix ms. */
  writtenEndsAt: number;
  writtenUpdatedAt: number;
}

/** Maximum time that a firing alert continues after a start without a report of its source, ms. */
const MAX_GRACE_MS = 300_000;

/** Ends that differ by less than this, in ms, count as equal, because the latency of reports varies. */
const TOLERANCE_MS = 10_000;

/** Pause in ms before changed ends are written, and before a failed write is tried again. */
const DEFER_MS = 5000;

/**
 * Maximum number of rows in a transaction. A request may have a hundred thousand alerts, and other work must be
 * possible between transactions.
 */
const ROWS_AT_ONCE = 5000;

const NEVER = Number.MAX_SAFE_INTEGER;

/**
 * Stores the alert store's content across restarts, even if the process is killed. New, resolved and changed alerts are
 * on disk before the client's request is answered. There is one transaction per turn of the event loop. Nearly all
 * posts are repeated reports that an alert still fires. Such a report is not written if a restart would give the alert
 * the same end anyway.
 */
export class AlertJournal {
  readonly #options: AlertJournalOptions;
  readonly #stateLog: StateLog;
  readonly #entries = new Map<string, JournalEntry>();
  #restoring: readonly Entry[];
  #maxGraceMs = MAX_GRACE_MS;
  /** Keys of entries that the next transaction writes. */
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
   * Restores the stored alerts into the alert store, and then follows the store. A firing alert continues until its
   * source had time to report it again. An ended alert stays ended. Call once.
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
      // The end that is chosen here counts as a timeout, so the source's next report replaces it.
      alerts.put(entry.endsAt === alert.endsAt ? alert : { ...alert, endsAt: entry.endsAt, timeout: true });
    }
    if (this.#restoring.length > 0) this.#options.logger.info("Alerts restored", { count: this.#restoring.length });
    this.#restoring = [];
    this.#unsubscribe = alerts.subscribe((alert) => this.#observe(alert));
  }

  /**
   * Returns a promise that resolves when every alert so far is on disk, or when the write has failed, which is logged.
   * Returns undefined if all alerts are on disk.
   */
  written(): Promise<void> | undefined {
    if (this.#dirty.size > 0) return this.#write();
    return this.#isWriting ? this.#tail : undefined;
  }

  /**
   * Records the ends of the flush's alerts before they are notified, including ends that were not reported by a source.
   * Otherwise the alerts would fire again after a restart.
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

  /** Removes alerts that the alert store no longer has, except those that a group must still notify. */
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

  /** Writes all waiting entries. */
  async close(): Promise<void> {
    this.#unsubscribe?.();
    this.#cancelTimer?.();
    this.#undefer();
    await this.written();
  }

  /** Returns the end of an alert after a start at `start` if there is no further report, Unix ms. */
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

  /** Moves deferred keys to those of the next transaction. */
  #undefer(): void {
    for (const key of this.#deferred) this.#dirty.add(key);
    this.#deferred.clear();
  }

  /** Writes the waiting keys, after the write in progress. Keys that are added meanwhile are written together. */
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

  /** Returns the entry of a key to write, or no entry if the alert was removed meanwhile. */
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

/** Returns an alert as JSON. Labels are a list: name, value, name, value …, sorted by name. */
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
