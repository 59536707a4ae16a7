import { randomBytes } from "node:crypto";
import type { Clock, Logger } from "@narthex/runtime";
import type { Collection, Entry } from "@narthex/store";
import { entryReader } from "../stored-entries.ts";
import { isTextList, isTime } from "../untrusted-json.ts";
import type { Delivery, FailureReason, Integration } from "@narthex/notification";
import type { Flush } from "../dispatch/flush.ts";
import type { NotificationTrace } from "../dispatch/notification-observer.ts";
import { WriteBehind } from "./write-behind.ts";

/** One request to a receiver, as an attempt to deliver a notification. */
interface AttemptRecord {
  /** Time of the attempt, Unix ms. */
  readonly at: number;
  readonly durationMs: number;
  readonly outcome: Delivery["kind"];
  /** The receiver's response, or the reason why the receiver could not be reached. */
  readonly reason?: string;
  readonly failure?: FailureReason;
}

/**
 * Outcome of a notification: `sending` while it is in progress, `interrupted` if the process ended before the
 * notification did.
 */
type NotificationOutcome = "failed" | "interrupted" | "sending" | "sent";

/**
 * A notification of another instance counts as interrupted after this time in ms. The time is counted from the start of
 * the notification, or from the planned time of its next attempt.
 */
const INTERRUPTED_AFTER_MS = 600_000;

/** A notification of one group through one integration, with its attempts. */
export interface NotificationRecord {
  /** Unique id of the record. Ids sort in the order of time. */
  readonly id: string;
  /** Time at which the notification began, Unix ms. */
  readonly at: number;
  endedAt?: number;
  readonly receiver: string;
  readonly integration: string;
  readonly index: number;
  /** Whom the integration notified: a mail address, a channel or a host. */
  readonly target?: string;
  readonly groupKey: string;
  readonly groupLabels: Readonly<Record<string, string>>;
  /** Why the notification was sent: `first notification`, `repeat interval elapsed` … */
  readonly reason: string;
  /**
   * Fingerprints of the firing alerts in the notification; `resolved` contains those of the ended alerts. Long lists
   * are shortened.
   */
  readonly firing: readonly string[];
  readonly resolved: readonly string[];
  /** Number of all alerts in the notification, including those beyond the shortened lists. */
  readonly alertCount: number;
  readonly attempts: AttemptRecord[];
  attemptCount: number;
  outcome: NotificationOutcome;
  error?: string;
  /** Time of the next delivery attempt, Unix ms. */
  nextAttemptAt?: number;
}

export interface NotificationHistoryOptions {
  readonly collection: Collection;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Time after which a notification is removed, ms. */
  readonly retentionMs: number;
  /** Maximum number of notifications in memory and on disk. The default is 10,000. */
  readonly maxCount?: number;
  /** True if other instances also write their notifications to the collection. */
  readonly isShared?: boolean;
}

const MAX_COUNT = 10_000;

/** Maximum number of fingerprints in one record. */
const MAX_FINGERPRINTS = 1000;

/** Maximum weight of all records, to limit the memory. A fingerprint weighs 1, and an attempt weighs 10. */
const MAX_WEIGHT = 400_000;
const ATTEMPT_WEIGHT = 10;

/** Maximum number of characters of a receiver's response that are kept. */
const MAX_REASON = 500;

/**
 * Number of attempts that are kept from the beginning of a notification with many attempts. As many are kept from its
 * end.
 */
const FIRST_ATTEMPTS = 10;
const LAST_ATTEMPTS = 20;

/**
 * The history of notifications with the outcome of each delivery attempt. The history is limited by age and by number
 * of notifications.
 */
export class NotificationHistory {
  readonly #options: NotificationHistoryOptions;
  readonly #records = new Map<string, NotificationRecord>();
  readonly #disk: WriteBehind;
  /** Random part of ids, which distinguishes the records of instances that share a store. */
  readonly #instance = randomBytes(3).toString("hex");
  #count = 0;
  #weight = 0;

  private constructor(options: NotificationHistoryOptions) {
    this.#options = options;
    this.#disk = new WriteBehind({ ...options, subject: "Keeping the notification history" });
  }

  /** Reads the stored records. */
  static async load(options: NotificationHistoryOptions): Promise<NotificationHistory> {
    const history = new NotificationHistory(options);
    const entries = await options.collection.entries();
    const read = entryReader("notification_history", options.logger, readRecord);
    const ordered = entries.toSorted((a, b) => (a.key < b.key ? -1 : 1));
    for (const kept of read(ordered)) history.#load(kept, true);
    options.collection.watch(({ put, removed }) => {
      for (const kept of read(put)) history.#load(kept, false);
      for (const key of removed) history.#drop(key);
    });
    history.#bound();
    return history;
  }

  /** Yields all records, the latest first. */
  *latest(): Iterable<NotificationRecord> {
    const records = [...this.#records.values()];
    // Sorts the records by id, because a record of another instance may arrive after later records of this instance.
    if (this.#options.isShared === true) records.sort((a, b) => (a.id < b.id ? -1 : 1));
    yield* records.toReversed();
  }

  get size(): number {
    return this.#records.size;
  }

  /** Begins the record of a notification. Returns an object that records the attempts and the result. */
  notifying(
    { route, groupKey, groupLabels, alerts }: Flush,
    integration: Integration,
    reason: string,
  ): NotificationTrace {
    const at = this.#options.clock.now();
    const named = alerts.slice(0, MAX_FINGERPRINTS);
    const record: NotificationRecord = {
      id: this.#nextId(at),
      at,
      receiver: route.receiver,
      integration: integration.kind,
      index: integration.index,
      ...(integration.target === undefined ? {} : { target: integration.target }),
      groupKey,
      groupLabels: groupLabels.toRecord(),
      reason,
      firing: named.filter(({ resolved }) => !resolved).map(({ fingerprint }) => fingerprint),
      resolved: named.filter(({ resolved }) => resolved).map(({ fingerprint }) => fingerprint),
      alertCount: alerts.length,
      attempts: [],
      attemptCount: 0,
      outcome: "sending",
    };
    this.#hold(record);
    this.#bound();
    return this.#traceOf(record);
  }

  /** Removes old records. */
  async collect(): Promise<void> {
    const { clock, collection, retentionMs } = this.#options;
    const now = clock.now();
    for (const [id, { at }] of this.#records) {
      if (at + retentionMs <= now) this.#drop(id);
    }
    await collection.dropExpired(now);
  }

  /** Writes all waiting records to the store. */
  close(): Promise<void> {
    return this.#disk.close();
  }

  #traceOf(record: NotificationRecord): NotificationTrace {
    return {
      attempted: (at, durationMs, delivery) => {
        const { attempts } = record;
        if (attempts.length === FIRST_ATTEMPTS + LAST_ATTEMPTS) attempts.splice(FIRST_ATTEMPTS, 1);
        else if (this.#records.has(record.id)) this.#weight += ATTEMPT_WEIGHT;
        attempts.push(attemptOf(at, durationMs, delivery, attempts.at(-1)));
        record.attemptCount++;
        delete record.nextAttemptAt;
      },
      waitsUntil: (at) => {
        record.nextAttemptAt = at;
        // Writes the record to the store at once after the first failed attempt. Later attempts are written when the
        // notification has ended.
        if (record.attemptCount === 1) this.#write(record);
      },
      ended: (error) => {
        record.endedAt = this.#options.clock.now();
        record.outcome = error === undefined ? "sent" : "failed";
        if (error !== undefined) record.error = error;
        delete record.nextAttemptAt;
        this.#write(record);
      },
    };
  }

  #write(record: NotificationRecord): void {
    if (!this.#records.has(record.id)) return;
    this.#disk.put(record.id, () => JSON.stringify(record), record.at + this.#options.retentionMs);
  }

  #load({ record, expiresAt }: KeptRecord, atStart: boolean): void {
    if (expiresAt <= this.#options.clock.now()) return;
    if (atStart && record.outcome === "sending" && !this.#mayStillBeSending(record)) {
      record.outcome = "interrupted";
      delete record.nextAttemptAt;
    }
    this.#drop(record.id);
    this.#hold(record);
  }

  #hold(record: NotificationRecord): void {
    this.#records.set(record.id, record);
    this.#weight += weightOf(record);
  }

  #drop(id: string): void {
    const record = this.#records.get(id);
    if (record === undefined) return;
    this.#records.delete(id);
    this.#weight -= weightOf(record);
  }

  /** Reports whether another instance may still be sending the notification. */
  #mayStillBeSending({ at, nextAttemptAt = at }: NotificationRecord): boolean {
    return this.#options.isShared === true && nextAttemptAt + INTERRUPTED_AFTER_MS > this.#options.clock.now();
  }

  #bound(): void {
    const max = this.#options.maxCount ?? MAX_COUNT;
    for (const id of this.#records.keys()) {
      if (this.#records.size <= max && this.#weight <= MAX_WEIGHT) return;
      this.#drop(id);
      this.#disk.remove(id);
    }
  }

  #nextId(at: number): string {
    this.#count++;
    return [Math.floor(at).toString().padStart(14, "0"), this.#instance, this.#count.toString(36)].join("-");
  }
}

interface KeptRecord {
  readonly record: NotificationRecord;
  /** Time when the stored record expires, Unix ms. */
  readonly expiresAt: number;
}

function readRecord({ key, value, expiresAt }: Entry): KeptRecord {
  const record = JSON.parse(value) as NotificationRecord | null;
  if (record?.id !== key || !isTime(record.at))
    throw new Error("invalid record of a notification: its id or its time is missing");
  if (!isTextList(record.firing) || !isTextList(record.resolved) || !Array.isArray(record.attempts)) {
    throw new Error("invalid record of a notification: its alerts or attempts are missing");
  }
  return { record, expiresAt };
}

const weightOf = ({ firing, resolved, attempts }: NotificationRecord): number =>
  firing.length + resolved.length + ATTEMPT_WEIGHT * (attempts.length + 1);

/**
 * Returns the record of a delivery attempt. If its reason equals that of the last attempt, both share one string to
 * save memory, because a receiver that is down repeats its error.
 */
function attemptOf(at: number, durationMs: number, delivery: Delivery, last: AttemptRecord | undefined): AttemptRecord {
  if (delivery.kind === "sent") return { at, durationMs, outcome: delivery.kind };
  const text = delivery.reason.slice(0, MAX_REASON);
  const reason = last?.reason === text ? last.reason : text;
  return { at, durationMs, outcome: delivery.kind, reason, failure: delivery.failure };
}
