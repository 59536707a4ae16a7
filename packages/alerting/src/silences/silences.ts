import { randomUUID } from "node:crypto";
import type { Labels } from "@narthex/model";
import { type Clock, InternalErrors, type Logger, logOnChange, type ReportError } from "@narthex/runtime";
import type { Change, Collection, Entry } from "@narthex/store";
import { entryReader } from "../stored-entries.ts";
import type { StoredStateMetrics } from "../stored-state-metrics.ts";
import { storeEntries } from "../store-entries.ts";
import { UnwrittenEntries } from "../unwritten-entries.ts";
import { sameMatchers, type Silence, SilenceError, type SilenceState, silenceState } from "./silence.ts";
import { silenceSize } from "./silence-size.ts";
import { SilenceTable } from "./silence-table.ts";
import { printSilence, readUntrustedSilence } from "./silence-text.ts";

export interface SilencesOptions {
  readonly collection: Collection;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Time that a silence is kept after its end, ms. */
  readonly retentionMs: number;
  /** Maximum number of silences; 0 for no limit. `maxBytes` is the maximum size of one silence. */
  readonly maxCount: number;
  readonly maxBytes: number;
  readonly logChanges: boolean;
  readonly metrics: StoredStateMetrics;
  /**
   * Receives the errors that occur while changes of other instances are read. By default these errors are only logged.
   */
  readonly reportError?: ReportError;
}

/** A silence that a client requests. If the start is not given (NaN), the silence starts at once. */
export type SilenceRequest = Omit<Silence, "updatedAt">;

/** All silences in memory, which are also written to the store. */
export class Silences {
  readonly #options: SilencesOptions;
  readonly #silences = new SilenceTable();
  readonly #read: (entries: readonly Entry[]) => readonly Silence[];
  readonly #listeners = new Set<(silence: Silence) => void>();
  /** Ids of silences of other instances that could not be written to the store yet. */
  readonly #unwritten: UnwrittenEntries;
  #queries = 0;
  #collections = 0;

  private constructor(options: SilencesOptions) {
    this.#options = options;
    this.#unwritten = new UnwrittenEntries({
      collection: options.collection,
      log: logOnChange(options.logger, "Storing silences of other instances"),
      entryOf: (id) => {
        const silence = this.#silences.get(id);
        return silence && toEntry(silence, options.retentionMs);
      },
    });
    this.#read = entryReader("silences", options.logger, ({ value }) => readUntrustedSilence(value));
  }

  /** Reads the stored silences. */
  static async load(options: SilencesOptions): Promise<Silences> {
    const silences = new Silences(options);
    const { logger, reportError = new InternalErrors().reporter("silences", logger) } = options;
    options.collection.watch((change) => void silences.#follow(change).catch(reportError));
    silences.#takeIn(silences.#read(await options.collection.entries()));
    return silences;
  }

  /** Numbers of look-ups, of silences that these look-ups checked, and of maintenance runs since the start. */
  get counts(): {
    readonly queries: number;
    readonly scanned: number;
    readonly skipped: number;
    readonly collections: number;
  } {
    return { queries: this.#queries, ...this.#silences.counts, collections: this.#collections };
  }

  storedBytes(): Promise<number> {
    return this.#options.collection.size();
  }

  get(id: string): Silence | undefined {
    return this.#silences.get(id);
  }

  all(): readonly Silence[] {
    return [...this.#silences.values()];
  }

  /** Returns the sorted ids of the active silences that match the labels. */
  mutedBy(labels: Labels, now: number): readonly string[] {
    const { clock, metrics } = this.#options;
    const started = clock.monotonic();
    this.#queries++;
    const ids = this.#silences.active(labels, now);
    metrics.observeQuery((clock.monotonic() - started) / 1000);
    return ids;
  }

  /**
   * Calls `listener` for each silence that this instance creates or changes after this call. Returns a function that
   * ends the subscription.
   */
  subscribe(listener: (silence: Silence) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Merges silences that other instances sent. The version that was changed later is used, and silences past their
   * retention are ignored. Returns the silences that are new to this instance, even if the store refuses to write them;
   * collect() then tries to write them later.
   */
  async merge(others: Iterable<Silence>): Promise<readonly Silence[]> {
    const news = this.#takeIn([...others]);
    await this.#unwritten.write(news.map(({ id }) => id));
    await this.#unwritten.retry();
    return news;
  }

  #takeIn(others: readonly Silence[]): readonly Silence[] {
    const { clock, retentionMs } = this.#options;
    const now = clock.now();
    const news = new Map<string, Silence>();
    for (const silence of others) {
      const known = this.#silences.get(silence.id);
      if (silence.endsAt + retentionMs <= now || (known !== undefined && !supersedes(silence, known))) continue;
      this.#silences.set(silence.id, silence);
      news.set(silence.id, silence);
    }
    return [...news.values()];
  }

  /**
   * Reads silences that other instances wrote to the store. After an outage of the store, writes the silences that the
   * store has lost.
   */
  async #follow({ put, removed, complete }: Change): Promise<void> {
    const { clock, retentionMs } = this.#options;
    const theirs = this.#read(put);
    this.#takeIn(theirs);
    for (const id of removed) this.#silences.delete(id);
    if (!complete) return;
    const there = new Map(theirs.map(({ id, updatedAt }) => [id, updatedAt]));
    const now = clock.now();
    const lacking = this.all().filter(
      ({ id, updatedAt, endsAt }) => endsAt + retentionMs > now && (there.get(id) ?? -Infinity) < updatedAt,
    );
    if (lacking.length > 0) await this.#unwritten.write(lacking.map(({ id }) => id));
  }

  count(now: number): Record<SilenceState, number> {
    const counts = { active: 0, pending: 0, expired: 0 };
    for (const silence of this.#silences.values()) counts[silenceState(silence, now)]++;
    return counts;
  }

  /**
   * Creates or changes a silence and returns its id. If a change alters the meaning of the silence, a new silence with
   * a new id is created instead. Throws SilenceError, or RefusedRequest if the store does not accept the silence.
   */
  async set(request: SilenceRequest): Promise<string> {
    const now = this.#options.clock.now();
    const { endsAt } = request;
    if (Number.isNaN(endsAt)) throw new SilenceError("invalid silence: invalid zero end timestamp");
    const startsAt = Number.isNaN(request.startsAt) ? now : request.startsAt;
    if (endsAt < startsAt) throw new SilenceError("invalid silence: end time must not be before start time");
    const known = request.id === "" ? undefined : this.#silences.get(request.id);
    if (request.id !== "" && known === undefined) throw new SilenceError("silence not found", 404);
    const wanted: Silence = { ...request, startsAt, updatedAt: now };
    if (known !== undefined && canChange(known, wanted, now)) {
      this.#checkSize(wanted);
      await this.#keep([wanted]);
      return wanted.id;
    }
    const fresh: Silence = { ...wanted, id: randomUUID(), startsAt: Math.max(startsAt, now) };
    this.#checkCount();
    this.#checkSize(fresh);
    // Writes the old and the new silence in one transaction, so that the old silence stays active if the new silence is
    // refused.
    const isReplaced = known !== undefined && silenceState(known, now) !== "expired";
    await this.#keep(isReplaced ? [ended(known, now), fresh] : [fresh]);
    return fresh.id;
  }

  /** Adds a silence that already has an id. Has no effect if a silence with this id exists. Throws RefusedRequest. */
  async adopt(silence: Silence): Promise<void> {
    if (this.#silences.has(silence.id)) return;
    this.#checkCount();
    this.#checkSize(silence);
    await this.#keep([silence]);
  }

  /** Ends a silence at once. Returns false if it does not exist. Has no effect on an ended silence. */
  async expire(id: string): Promise<boolean> {
    const known = this.#silences.get(id);
    if (known === undefined) return false;
    const now = this.#options.clock.now();
    if (silenceState(known, now) !== "expired") await this.#keep([ended(known, now)]);
    return true;
  }

  /** Removes silences that ended longer ago than the retention. */
  async collect(): Promise<void> {
    const started = this.#options.clock.monotonic();
    this.#collections++;
    const now = this.#options.clock.now();
    for (const [id, { endsAt }] of this.#silences) {
      if (endsAt + this.#options.retentionMs <= now) this.#silences.delete(id);
    }
    await this.#unwritten.retry();
    await this.#options.collection.dropExpired(now);
    this.#options.metrics.observeCollection((this.#options.clock.monotonic() - started) / 1000);
  }

  /** Throws SilenceError if the maximum number of silences is reached. */
  #checkCount(): void {
    const { maxCount } = this.#options;
    if (maxCount > 0 && this.#silences.size + 1 > maxCount) {
      throw new SilenceError(`exceeded maximum number of silences: ${this.#silences.size} (limit: ${maxCount})`);
    }
  }

  /** Throws SilenceError if a silence is too large. */
  #checkSize(silence: Silence): void {
    const { maxBytes, retentionMs } = this.#options;
    const bytes = maxBytes > 0 ? silenceSize(silence, silence.endsAt + retentionMs) : 0;
    if (bytes > maxBytes) {
      throw new SilenceError(`silence exceeded maximum size: ${bytes} bytes (limit: ${maxBytes} bytes)`);
    }
  }

  /** Writes silences to the store in one transaction, and afterwards to memory. Throws RefusedRequest. */
  async #keep(wanted: readonly Silence[]): Promise<void> {
    const { collection, retentionMs, logChanges, logger } = this.#options;
    const changed = wanted.map((silence) => {
      // Gives the silence a later change time than the version that it replaces, because the clock of another instance
      // may be ahead.
      const before = this.#silences.get(silence.id)?.updatedAt ?? -Infinity;
      return silence.updatedAt > before ? silence : { ...silence, updatedAt: before + 1 };
    });
    await storeEntries(
      collection,
      changed.map((silence) => toEntry(silence, retentionMs)),
      "the silence",
    );
    for (const silence of changed) {
      this.#silences.set(silence.id, silence);
      for (const listener of this.#listeners) listener(silence);
      if (logChanges) logger.info("Silence changed", { silence: silence.id, createdBy: silence.createdBy });
    }
  }
}

function ended(silence: Silence, now: number): Silence {
  const isPending = silenceState(silence, now) === "pending";
  return { ...silence, startsAt: isPending ? now : silence.startsAt, endsAt: now, updatedAt: now };
}

/**
 * Reports whether a silence replaces another version with the same id. The later changed version replaces the other.
 * For equal times the choice is arbitrary, but all instances choose the same version.
 */
const supersedes = (silence: Silence, known: Silence): boolean =>
  silence.updatedAt > known.updatedAt ||
  (silence.updatedAt === known.updatedAt && printSilence(silence) > printSilence(known));

/** Rounds a time down to whole seconds, because Alertmanager compares start times in seconds. */
const second = (ms: number): number => Math.floor(ms / 1000);

function canChange(known: Silence, wanted: Silence, now: number): boolean {
  if (!sameMatchers(known.matchers, wanted.matchers)) return false;
  switch (silenceState(known, now)) {
    case "active":
      return second(known.startsAt) === second(wanted.startsAt) && wanted.endsAt >= now;
    case "pending":
      return wanted.startsAt >= now;
    case "expired":
      return false;
  }
}

const toEntry = (silence: Silence, retentionMs: number): Entry => ({
  key: silence.id,
  value: printSilence(silence),
  expiresAt: silence.endsAt + retentionMs,
  changedAt: silence.updatedAt,
});
