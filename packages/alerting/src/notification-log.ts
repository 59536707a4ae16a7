import type { Clock } from "@narthex/runtime";
import type { Collection } from "@narthex/store";
import type { KeptStateMetrics } from "./kept-state-metrics.ts";

/** What was last told to one integration about one group. */
export interface LogEntry {
  /** Hashes of the alerts that were firing, and of those that were resolved. */
  readonly firing: readonly string[];
  readonly resolved: readonly string[];
  /** Unix ms, after sending. */
  readonly timestamp: number;
  /** What the receiver wants back next time (Slack's message id). */
  readonly data: Readonly<Record<string, string>>;
}

/** An entry with its place and end, as instances pass it on. */
export interface KeptLogEntry {
  /** `<group key>:<receiver>/<kind>/<index>` */
  readonly key: string;
  readonly entry: LogEntry;
  /** Unix ms. */
  readonly expiresAt: number;
}

/** The notification log: keeps a restart from repeating notifications. */
export class NotificationLog {
  readonly #collection: Collection;
  readonly #clock: Clock;
  readonly #retentionMs: number;
  readonly #metrics: KeptStateMetrics;
  readonly #entries = new Map<string, LogEntry & { readonly expiresAt: number }>();
  readonly #listeners = new Set<(kept: KeptLogEntry) => void>();
  #queries = 0;
  #collections = 0;

  private constructor(collection: Collection, clock: Clock, retentionMs: number, metrics: KeptStateMetrics) {
    this.#metrics = metrics;
    this.#collection = collection;
    this.#clock = clock;
    this.#retentionMs = retentionMs;
  }

  /** Reads what is kept and has not expired. */
  static async load(
    collection: Collection,
    clock: Clock,
    retentionMs: number,
    metrics: KeptStateMetrics,
  ): Promise<NotificationLog> {
    const log = new NotificationLog(collection, clock, retentionMs, metrics);
    for (const { key, value, expiresAt } of await collection.entries()) {
      if (expiresAt > clock.now()) log.#entries.set(key, { ...(JSON.parse(value) as LogEntry), expiresAt });
    }
    return log;
  }

  /** Look-ups and maintenance runs so far. */
  get counts(): { readonly queries: number; readonly collections: number } {
    return { queries: this.#queries, collections: this.#collections };
  }

  /** Bytes kept in the store. */
  storedBytes(): Promise<number> {
    return this.#collection.size();
  }

  /** The entry of a group and integration (`<group key>:<receiver>/<kind>/<index>`); an expired one counts until collect(). */
  get(key: string): LogEntry | undefined {
    const started = this.#clock.monotonic();
    this.#queries++;
    const entry = this.#entries.get(key);
    this.#metrics.observeQuery((this.#clock.monotonic() - started) / 1000);
    return entry;
  }

  /** Notes a pass; kept for twice the repeat interval, at most for the retention. */
  async record(key: string, entry: LogEntry, repeatIntervalMs: number): Promise<void> {
    const expiresAt = entry.timestamp + Math.min(this.#retentionMs, 2 * repeatIntervalMs);
    await this.#collection.put({ key, value: JSON.stringify(entry), expiresAt });
    this.#entries.set(key, { ...entry, expiresAt });
    for (const listener of this.#listeners) listener({ key, entry, expiresAt });
  }

  /** All entries. */
  *all(): Iterable<KeptLogEntry> {
    for (const [key, { expiresAt, ...entry }] of this.#entries) yield { key, entry, expiresAt };
  }

  /** Calls back for each pass that this instance notes from now on; returns how to stop. */
  subscribe(listener: (kept: KeptLogEntry) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Takes in what others noted: the later one of two counts, an expired one does not. Returns what was news. */
  async merge(others: Iterable<KeptLogEntry>): Promise<readonly KeptLogEntry[]> {
    const now = this.#clock.now();
    const news = [...others].filter(({ key, entry, expiresAt }) => {
      const known = this.#entries.get(key);
      return expiresAt > now && (known === undefined || known.timestamp < entry.timestamp);
    });
    for (const { key, entry, expiresAt } of news) this.#entries.set(key, { ...entry, expiresAt });
    const entries = news.map(({ key, entry, expiresAt }) => ({ key, value: JSON.stringify(entry), expiresAt }));
    if (entries.length > 0) await this.#collection.change(entries, []);
    return news;
  }

  /** Forgets expired entries. */
  async collect(): Promise<void> {
    const started = this.#clock.monotonic();
    this.#collections++;
    const now = this.#clock.now();
    for (const [key, { expiresAt }] of this.#entries) if (expiresAt <= now) this.#entries.delete(key);
    await this.#collection.dropExpired(now);
    this.#metrics.observeCollection((this.#clock.monotonic() - started) / 1000);
  }
}
