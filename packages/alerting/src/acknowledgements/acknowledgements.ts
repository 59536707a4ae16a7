import { type Clock, InternalErrors, type Logger, logOnChange, Mutex, type ReportError } from "@narthex/runtime";
import type { Change, Collection, Entry } from "@narthex/store";
import { type Alert, isResolvedAt } from "../alerts/alert.ts";
import type { AlertStore } from "../alerts/alert-store.ts";
import { entryReader } from "../stored-entries.ts";
import { storeEntries } from "../store-entries.ts";
import { UnwrittenEntries } from "../unwritten-entries.ts";
import {
  type Acknowledgement,
  AcknowledgementError,
  covers,
  joinVersions,
  MAX_COMMENT,
  MAX_NAME,
  NOT_FIRING,
  printAcknowledgement,
  readUntrustedAcknowledgement,
} from "./acknowledgement.ts";

/** Maximum number of stored acknowledgements, including ended acknowledgements. */
const MAX_COUNT = 20_000;

/** Minimum time in ms that an acknowledgement is stored after the alert was last seen firing. */
const MIN_KEPT_MS = 86_400_000;

export interface AcknowledgementsOptions {
  readonly collection: Collection;
  readonly alerts: AlertStore;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Time that an acknowledgement is stored after its end, ms. A shorter time than a day is replaced by a day. */
  readonly retentionMs: number;
  /** Maximum number of stored acknowledgements. The default is 20,000. */
  readonly maxCount?: number;
  /**
   * Receives the errors that occur while changes of other instances are read. By default these errors are only logged.
   */
  readonly reportError?: ReportError;
}

/** A person's request to acknowledge an alert. */
export interface AcknowledgementRequest {
  readonly createdBy: string;
  readonly comment: string;
  /** True if the request may replace the acknowledgement of another person. If false, such a request is refused. */
  readonly replace: boolean;
}

/**
 * The acknowledgements of alerts in memory, which are also written to the store. An acknowledgement ends when the
 * alert resolves. Notifications of an acknowledged alert are still sent.
 */
export class Acknowledgements {
  readonly #options: AcknowledgementsOptions;
  readonly #keptMs: number;
  readonly #all = new Map<string, Acknowledgement>();
  readonly #read: (entries: readonly Entry[]) => readonly Acknowledgement[];
  readonly #listeners = new Set<(acknowledgement: Acknowledgement) => void>();
  readonly #requests = new Mutex();
  /** Acknowledgements that could not be written to the store yet. */
  readonly #unwritten: UnwrittenEntries;
  readonly #reportError: ReportError;
  /** Fingerprints of the acknowledgements that the next transaction writes. */
  #changed = new Set<string>();
  #writing: Promise<unknown> = Promise.resolve();

  private constructor(options: AcknowledgementsOptions) {
    const { collection, logger, retentionMs } = options;
    this.#options = options;
    this.#keptMs = Math.max(retentionMs, MIN_KEPT_MS);
    this.#reportError = options.reportError ?? new InternalErrors().reporter("acknowledgements", logger);
    this.#unwritten = new UnwrittenEntries({
      collection,
      log: logOnChange(logger, "Storing acknowledgements of alerts"),
      entryOf: (fingerprint) => {
        const kept = this.#all.get(fingerprint);
        return kept && toEntry(kept);
      },
    });
    this.#read = entryReader("acknowledgements", logger, ({ value }) => readUntrustedAcknowledgement(value));
  }

  /**
   * Reads the stored acknowledgements. After this call, the end of an alert in the alert store ends its
   * acknowledgement.
   */
  static async load(options: AcknowledgementsOptions): Promise<Acknowledgements> {
    const acknowledgements = new Acknowledgements(options);
    options.collection.watch((change) => void acknowledgements.#follow(change).catch(acknowledgements.#reportError));
    acknowledgements.#takeIn(acknowledgements.#read(await options.collection.entries()));
    options.alerts.subscribe((alert) => acknowledgements.#observe(alert));
    return acknowledgements;
  }

  /** Returns all stored acknowledgements, including ended acknowledgements, to send them to other instances. */
  all(): readonly Acknowledgement[] {
    return [...this.#all.values()];
  }

  /** Returns the acknowledgements that are in force, the latest first. */
  inForce(): readonly Acknowledgement[] {
    return this.all()
      .filter(({ endedAt }) => endedAt === undefined)
      .toSorted((a, b) => b.createdAt - a.createdAt || (a.fingerprint < b.fingerprint ? -1 : 1));
  }

  /** Returns the acknowledgement of the current firing of an alert. */
  of(alert: Pick<Alert, "fingerprint" | "startsAt">): Acknowledgement | undefined {
    const known = this.#all.get(alert.fingerprint);
    return known !== undefined && covers(known, alert) ? known : undefined;
  }

  /**
   * Calls `listener` for each acknowledgement that this instance changes after this call. Returns a function that ends
   * the subscription.
   */
  subscribe(listener: (acknowledgement: Acknowledgement) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Acknowledges a firing alert for a person. A second request of the same person changes the comment. Rejects with
   * AcknowledgementError if another person has acknowledged the alert, and with RefusedRequest if the store does not
   * accept it.
   */
  acknowledge(fingerprint: string, request: AcknowledgementRequest): Promise<Acknowledgement> {
    return this.#requests.runExclusive(async () => {
      const now = this.#options.clock.now();
      const alert = this.#firing(fingerprint);
      if (alert === undefined) throw new AcknowledgementError(NOT_FIRING, 404);
      checkRequest(request);
      const before = this.of(alert);
      if (before !== undefined && before.createdBy !== request.createdBy && !request.replace) {
        throw new AcknowledgementError(
          `${JSON.stringify(before.createdBy)} has already acknowledged the alert: set replace to take it over`,
          409,
        );
      }
      this.#checkCount(fingerprint);
      const { createdBy, comment } = request;
      const times = { createdAt: now, startsAt: alert.startsAt, updatedAt: this.#changeTime(fingerprint, now) };
      const wanted = { fingerprint, createdBy, comment, ...times, keptUntil: now + this.#keptMs };
      await this.#keep(wanted);
      // Ends the new acknowledgement if the alert ended while the acknowledgement was written to the store.
      const latest = this.#options.alerts.get(fingerprint);
      if (latest !== undefined) this.#observe(latest);
      // While the acknowledgement was written to the store, memory may have become full, or another instance may have
      // removed the acknowledgement.
      return this.#all.get(fingerprint) ?? wanted;
    });
  }

  /** Withdraws the acknowledgement of an alert. Resolves with false if the alert has no acknowledgement in force. */
  withdraw(fingerprint: string): Promise<boolean> {
    return this.#requests.runExclusive(async () => {
      const known = this.#all.get(fingerprint);
      if (known === undefined || known.endedAt !== undefined) return false;
      const now = this.#options.clock.now();
      const updatedAt = this.#changeTime(fingerprint, now);
      await this.#keep({ ...known, endedAt: now, updatedAt, keptUntil: now + this.#keptMs });
      return true;
    });
  }

  /** Ends the acknowledgement of an alert that has ended because its source did not report it again in time. */
  alertExpired(alert: Alert): void {
    this.#observe(alert);
  }

  /**
   * Merges acknowledgements that other instances sent. Returns those that are new to this instance, even if the store
   * refuses to write them; collect() then tries to write them later.
   */
  async merge(others: readonly Acknowledgement[]): Promise<readonly Acknowledgement[]> {
    const news = this.#takeIn(others);
    await this.#unwritten.write(news.map(({ fingerprint }) => fingerprint));
    await this.#unwritten.retry();
    return news;
  }

  /**
   * Removes an acknowledgement if it ended longer ago than the retention, or if no instance has seen its alert firing
   * for that time.
   */
  async collect(): Promise<void> {
    const now = this.#options.clock.now();
    for (const known of this.#all.values()) {
      const alert = this.#firing(known.fingerprint);
      const isUsed = alert !== undefined && covers(known, alert);
      if (isUsed && known.keptUntil - now < this.#keptMs / 2) this.#change({ ...known, keptUntil: now + this.#keptMs });
      else if (!isUsed && known.keptUntil <= now) this.#all.delete(known.fingerprint);
    }
    await this.#unwritten.retry();
    await this.#options.collection.dropExpired(now);
  }

  /** Resolves when all earlier changes of acknowledgements were written to the store, or the store has refused them. */
  async close(): Promise<void> {
    await this.#requests.settled();
    await this.#writing;
  }

  #firing(fingerprint: string): Alert | undefined {
    const alert = this.#options.alerts.get(fingerprint);
    return alert === undefined || isResolvedAt(alert, this.#options.clock.now()) ? undefined : alert;
  }

  /** Ends the acknowledgement of an alert that has ended or fires again. */
  #observe(alert: Alert): void {
    const known = this.#all.get(alert.fingerprint);
    if (known === undefined || known.endedAt !== undefined) return;
    const now = this.#options.clock.now();
    // Ignores a report with an end before the start of the acknowledged firing, because such a report arrived late.
    const hasEnded = isResolvedAt(alert, now) && alert.endsAt >= known.startsAt;
    if (!hasEnded && covers(known, alert)) return;
    // Uses the alert's own time as the time of the change, so that a person's later request on another instance
    // replaces the change.
    const endedAt = Math.min(now, hasEnded ? alert.endsAt : alert.startsAt);
    const updatedAt = this.#changeTime(alert.fingerprint, endedAt);
    this.#change({ ...known, endedAt, updatedAt, keptUntil: now + this.#keptMs });
  }

  /**
   * Changes an acknowledgement in memory at once, and writes the change to the store afterwards. All changes of one turn
   * of the event loop share a transaction, because many alerts may end at the same time.
   */
  #change(changed: Acknowledgement): void {
    const { fingerprint } = changed;
    this.#all.set(fingerprint, changed);
    for (const listener of this.#listeners) listener(changed);
    this.#changed.add(fingerprint);
    if (this.#changed.size === 1)
      this.#writing = this.#writing.then(() => this.#writeChanged()).catch(this.#reportError);
  }

  #writeChanged(): Promise<boolean> {
    const fingerprints = [...this.#changed];
    this.#changed = new Set();
    return this.#unwritten.write(fingerprints);
  }

  /** Writes an acknowledgement to the store, and afterwards to memory. Rejects with RefusedRequest. */
  async #keep(wanted: Acknowledgement): Promise<void> {
    await storeEntries(this.#options.collection, [toEntry(wanted)], "the acknowledgement");
    for (const changed of this.#takeIn([wanted])) for (const listener of this.#listeners) listener(changed);
  }

  /**
   * Returns a time for a change of an acknowledgement. The time is later than that of the last change on any instance.
   */
  #changeTime(fingerprint: string, now: number): number {
    return Math.max(now, (this.#all.get(fingerprint)?.updatedAt ?? -Infinity) + 1);
  }

  #checkCount(fingerprint: string): void {
    if (!this.#isFull(fingerprint)) return;
    const { size } = this.#all;
    throw new AcknowledgementError(`there are already ${size} acknowledgements: withdraw some and try again later`);
  }

  #isFull(fingerprint: string): boolean {
    return !this.#all.has(fingerprint) && this.#all.size >= (this.#options.maxCount ?? MAX_COUNT);
  }

  #takeIn(others: readonly Acknowledgement[]): readonly Acknowledgement[] {
    const now = this.#options.clock.now();
    const news = new Map<string, Acknowledgement>();
    for (const other of others) {
      const { fingerprint } = other;
      if (other.keptUntil <= now || this.#isFull(fingerprint)) continue;
      const known = this.#all.get(fingerprint);
      const joined = known === undefined ? other : joinVersions(known, other);
      if (joined === known) continue;
      this.#all.set(fingerprint, joined);
      news.set(fingerprint, joined);
    }
    return [...news.values()];
  }

  /**
   * Reads versions that other instances wrote to the store. After an outage of the store, writes the versions that the
   * store has lost.
   */
  async #follow({ put, removed, complete }: Change): Promise<void> {
    const theirs = this.#read(put);
    this.#takeIn(theirs);
    for (const fingerprint of removed) this.#all.delete(fingerprint);
    if (!complete) return;
    const now = this.#options.clock.now();
    const there = new Map(theirs.map((each) => [each.fingerprint, printAcknowledgement(each)]));
    const lacking = this.all().filter(
      (each) => each.keptUntil > now && there.get(each.fingerprint) !== printAcknowledgement(each),
    );
    if (lacking.length > 0) await this.#unwritten.write(lacking.map(({ fingerprint }) => fingerprint));
  }
}

function checkRequest({ createdBy, comment }: AcknowledgementRequest): void {
  if (createdBy === "") throw new AcknowledgementError("createdBy is empty: set the name of the person");
  if (createdBy.length > MAX_NAME) throw new AcknowledgementError(`createdBy is longer than ${MAX_NAME} characters`);
  if (comment.length > MAX_COMMENT) throw new AcknowledgementError(`comment is longer than ${MAX_COMMENT} characters`);
}

const toEntry = (acknowledgement: Acknowledgement): Entry => ({
  key: acknowledgement.fingerprint,
  value: printAcknowledgement(acknowledgement),
  expiresAt: acknowledgement.keptUntil,
  changedAt: acknowledgement.updatedAt,
});
