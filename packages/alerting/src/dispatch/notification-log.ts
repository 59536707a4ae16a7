import type { Alert } from "../alerts/alert.ts";
import { alertHash } from "../alerts/fingerprint.ts";
import { type Clock, InternalErrors, type Logger, logOnChange, type ReportError } from "@narthex/runtime";
import type { Change, Collection, Entry } from "@narthex/store";
import { entryReader } from "../stored-entries.ts";
import { UnwrittenEntries } from "../unwritten-entries.ts";
import type { StoredStateMetrics } from "../stored-state-metrics.ts";
import { printStoredLogEntry as toEntry, readStoredLogEntry } from "./log-entry-text.ts";

/** The last notification of one integration about one group. */
export interface LogEntry {
  /** Hashes of the firing alerts in the notification; `resolved` contains hashes of the ended alerts. */
  readonly firing: readonly string[];
  readonly resolved: readonly string[];
  /** Time when the notification was recorded, after sending; Unix ms. */
  readonly timestamp: number;
  /** Data that the integration needs for the next notification, such as the id of a Slack message. */
  readonly data: Readonly<Record<string, string>>;
}

/** An entry with its key and expiry, in the form that instances exchange. */
export interface StoredLogEntry {
  /** Key of the entry: `<group key>:<receiver>/<kind>/<index>`. */
  readonly key: string;
  readonly entry: LogEntry;
  /** Time at which the entry expires, Unix ms. */
  readonly expiresAt: number;
}

export interface NotificationLogOptions {
  readonly collection: Collection;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly retentionMs: number;
  readonly metrics: StoredStateMetrics;
  /**
   * Receives the errors that occur while changes of other instances are read. By default these errors are only logged.
   */
  readonly reportError?: ReportError;
}

/**
 * The notification log, which stores the last notifications. Without it, notifications would be repeated after a
 * restart.
 */
export class NotificationLog {
  readonly #collection: Collection;
  readonly #clock: Clock;
  readonly #retentionMs: number;
  readonly #metrics: StoredStateMetrics;
  readonly #read: (entries: readonly Entry[]) => readonly StoredLogEntry[];
  readonly #entries = new Map<string, LogEntry & { readonly expiresAt: number }>();
  /** Keys of entries that could not be written to the store. Each later record() and collect() tries to write them. */
  readonly #unwritten: UnwrittenEntries;
  readonly #listeners = new Set<(kept: StoredLogEntry) => void>();
  /** Sets of hashes that collectEnds() fills, by key of the log entry. */
  readonly #endCollectors = new Map<string, Set<Set<string>>>();
  #queries = 0;
  #misses = 0;
  #collections = 0;

  private constructor({ collection, clock, logger, retentionMs, metrics }: NotificationLogOptions) {
    this.#metrics = metrics;
    this.#collection = collection;
    this.#clock = clock;
    this.#retentionMs = retentionMs;
    this.#unwritten = new UnwrittenEntries({
      collection,
      log: logOnChange(logger, "Writing the notification log"),
      entryOf: (key) => {
        const known = this.#entries.get(key);
        if (known === undefined) return undefined;
        const { expiresAt, ...entry } = known;
        return toEntry({ key, entry, expiresAt });
      },
    });
    this.#read = entryReader("notification_log", logger, readStoredLogEntry);
  }

  /** Reads the stored entries that have not expired. */
  static async load(options: NotificationLogOptions): Promise<NotificationLog> {
    const { collection, logger, reportError = new InternalErrors().reporter("notification_log", logger) } = options;
    const log = new NotificationLog(options);
    collection.watch((change) => void log.#follow(change).catch(reportError));
    log.#mergeEntries(log.#read(await collection.entries()));
    return log;
  }

  /** Numbers of look-ups, of look-ups without a result, and of maintenance runs since the start. */
  get counts(): { readonly queries: number; readonly misses: number; readonly collections: number } {
    return { queries: this.#queries, misses: this.#misses, collections: this.#collections };
  }

  storedBytes(): Promise<number> {
    return this.#collection.size();
  }

  /**
   * Returns the entry of a group and integration, or undefined. The key is `<group key>:<receiver>/<kind>/<index>`.
   * Also returns an expired entry until `collect()` removes it.
   */
  get(key: string): LogEntry | undefined {
    const started = this.#clock.monotonic();
    this.#queries++;
    const entry = this.#entries.get(key);
    if (entry === undefined) this.#misses++;
    this.#metrics.observeQuery((this.#clock.monotonic() - started) / 1000);
    return entry;
  }

  /**
   * Records an entry and keeps it for twice the repeat interval, but at most for the retention. If the store refuses
   * the entry, the entry is still valid for this instance, and is written as soon as the store accepts entries again.
   */
  async record(key: string, recorded: LogEntry, repeatIntervalMs: number): Promise<void> {
    // Gives the entry a later time than the entry that it replaces, because the clock of another instance may be ahead.
    const before = this.#entries.get(key)?.timestamp ?? -Infinity;
    const entry = recorded.timestamp > before ? recorded : { ...recorded, timestamp: before + 1 };
    const expiresAt = entry.timestamp + Math.min(this.#retentionMs, 2 * repeatIntervalMs);
    // Stores the entry in memory first, so that this instance does not repeat the notification even if the write fails.
    this.#set({ key, entry, expiresAt });
    for (const listener of this.#listeners) listener({ key, entry, expiresAt });
    if (await this.#unwritten.write([key])) await this.#unwritten.retry();
  }

  /** Reads the entry of a key from the store, because another instance may just have written it. */
  async refresh(key: string): Promise<void> {
    const kept = await this.#collection.get(key);
    if (kept !== undefined) this.#mergeEntries(this.#read([kept]));
  }

  /** Yields all entries. */
  *all(): Iterable<StoredLogEntry> {
    for (const [key, { expiresAt, ...entry }] of this.#entries) yield { key, entry, expiresAt };
  }

  /**
   * Calls `listener` for each entry that this instance records after this call. Returns a function that ends the
   * subscription.
   */
  subscribe(listener: (kept: StoredLogEntry) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Collects the hashes of alerts whose end any instance notifies under a key, until `stop()` is called. An alert that
   * fires again is removed from the set. Reading the log entries is not enough, because they contain only the last
   * notification.
   */
  collectEnds(key: string): { readonly ends: ReadonlySet<string>; readonly stop: () => void } {
    const ends = new Set<string>();
    const collectors = this.#endCollectors.get(key) ?? new Set();
    this.#endCollectors.set(key, collectors.add(ends));
    const stop = (): void => {
      collectors.delete(ends);
      if (collectors.size === 0) this.#endCollectors.delete(key);
    };
    return { ends, stop };
  }

  #set({ key, entry, expiresAt }: StoredLogEntry): void {
    this.#entries.set(key, { ...entry, expiresAt });
    for (const ends of this.#endCollectors.get(key) ?? []) {
      for (const hash of entry.firing) ends.delete(hash);
      for (const hash of entry.resolved) ends.add(hash);
    }
  }

  /**
   * Merges entries that other instances sent. The later of two entries is used, and expired entries are ignored.
   * Returns the entries that are new to this instance, even if the store refuses to write them.
   */
  async merge(others: Iterable<StoredLogEntry>): Promise<readonly StoredLogEntry[]> {
    const news = this.#mergeEntries([...others]);
    if (news.length > 0) await this.#unwritten.write(news.map(({ key }) => key));
    return news;
  }

  #mergeEntries(others: readonly StoredLogEntry[]): readonly StoredLogEntry[] {
    const now = this.#clock.now();
    const news = new Map<string, StoredLogEntry>();
    for (const { key, entry, expiresAt } of others) {
      const known = this.#entries.get(key);
      if (expiresAt <= now || (known !== undefined && !supersedes(entry, known))) continue;
      this.#set({ key, entry, expiresAt });
      news.set(key, { key, entry, expiresAt });
    }
    return [...news.values()];
  }

  /**
   * Applies the changes that other instances made in the store. After an outage of the store, writes the entries that
   * the store does not have.
   */
  async #follow({ put, removed, complete }: Change): Promise<void> {
    const theirs = this.#read(put);
    this.#mergeEntries(theirs);
    for (const key of removed) this.#entries.delete(key);
    if (!complete) return;
    const there = new Map(theirs.map(({ key, entry }) => [key, entry.timestamp]));
    const now = this.#clock.now();
    const lacking = [...this.all()].filter(
      ({ key, entry, expiresAt }) => expiresAt > now && (there.get(key) ?? -Infinity) < entry.timestamp,
    );
    if (lacking.length > 0) await this.#unwritten.write(lacking.map(({ key }) => key));
  }

  /** Removes expired entries. */
  async collect(): Promise<void> {
    const started = this.#clock.monotonic();
    this.#collections++;
    const now = this.#clock.now();
    for (const [key, { expiresAt }] of this.#entries) if (expiresAt <= now) this.#entries.delete(key);
    await this.#unwritten.retry();
    await this.#collection.dropExpired(now);
    this.#metrics.observeCollection((this.#clock.monotonic() - started) / 1000);
  }
}

/**
 * Reports whether an entry replaces another entry with the same key. The later entry replaces the earlier one. For
 * equal times the choice is arbitrary, but all instances choose the same entry.
 */
const supersedes = (entry: LogEntry, known: LogEntry): boolean =>
  entry.timestamp > known.timestamp || (entry.timestamp === known.timestamp && contentOf(entry) > contentOf(known));

const contentOf = ({ firing, resolved, data }: LogEntry): string => JSON.stringify([firing, resolved, data]);

/**
 * Returns a function for the time (Unix ms) at which any instance notified that an alert is resolved. The function
 * returns undefined if this instance's last report of the alert, or a later notification that the alert fires, is
 * newer. Without this function, an instance that was down would report resolved alerts as firing after its restart.
 */
export function notifiedEnds(log: NotificationLog): (alert: Alert) => number | undefined {
  const ended = new Map<string, number>();
  const fired = new Map<string, number>();
  for (const { entry } of log.all()) {
    for (const hash of entry.resolved) ended.set(hash, Math.max(entry.timestamp, ended.get(hash) ?? 0));
    for (const hash of entry.firing) fired.set(hash, Math.max(entry.timestamp, fired.get(hash) ?? 0));
  }
  return ({ labels, updatedAt }) => {
    const hash = alertHash(labels);
    const end = ended.get(hash);
    return end !== undefined && end > updatedAt && end > (fired.get(hash) ?? 0) ? end : undefined;
  };
}
