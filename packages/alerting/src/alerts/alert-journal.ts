import { Labels } from "@narthex/model";
import { type Clock, type Logger, logOnChange, type StateLog } from "@narthex/runtime";
import type { Collection, Entry } from "@narthex/store";
import { type Alert, isResolvedAt } from "./alert.ts";
import type { AlertStore } from "./alert-store.ts";
import type { Flush } from "../dispatch/pipeline.ts";

/** What a report changed: `expired` is an end because nobody spoke of the alert again in time. */
export type AlertChange = "changed" | "expired" | "fired" | "resolved";

export interface AlertJournalOptions {
  readonly collection: Collection;
  readonly alerts: AlertStore;
  readonly clock: Clock;
  readonly logger: Logger;
  /** When others told of an alert's end, Unix ms, if that was after it had last been heard of here. */
  readonly endOf?: (alert: Alert) => number | undefined;
  /** Told of every change that is more than another word that the alert still fires. */
  readonly changed?: (alert: Alert, change: AlertChange) => void;
}

/** What is known of an alert besides what the alert store has. */
interface Kept {
  /** Its last word: what is on disk but for its times, or on the way there. The alert store has the same object. */
  alert: Alert;
  /** Its end as the alert store has it. */
  endsAt: number;
  /** Ended: said so by its source, or told to people as resolved. */
  over: boolean;
  /** Times on disk. */
  writtenEndsAt: number;
  writtenUpdatedAt: number;
}

/** How long a firing alert may at most go on after a start before its source has spoken again. */
const LONGEST_CHANCE_MS = 300_000;

/** A source's word takes now longer, now shorter to us: ends that differ by less are the same end. */
const TOLERANCE_MS = 10_000;

/** Pause before ends that have moved are written, and before a failed write is tried again. */
const LAZY_MS = 5000;

/** A hundred thousand alerts in one request must not hold up everything else until all are written. */
const ROWS_AT_ONCE = 5000;

const NEVER = Number.MAX_SAFE_INTEGER;

/**
 * Keeps the alert store's content over a restart, however the process ends. Alerts that are new, resolved or changed are
 * on disk before the client's request is answered, one transaction per turn of the event loop. Another word that an alert
 * still fires, which is nearly all that is posted, writes nothing as long as a restart would give the alert that time anyway.
 */
export class AlertJournal {
  readonly #options: AlertJournalOptions;
  readonly #stateLog: StateLog;
  readonly #kept = new Map<string, Kept>();
  #restoring: readonly Entry[];
  #longestChanceMs = LONGEST_CHANCE_MS;
  /** To be written with the next transaction, and to be removed. */
  #dirty = new Set<string>();
  readonly #lazy = new Set<string>();
  #cancelLazy: (() => void) | undefined;
  #tail: Promise<void> = Promise.resolve();
  #scheduled: Promise<void> | undefined;
  #isWriting = false;
  #unsubscribe: (() => void) | undefined;

  private constructor(options: AlertJournalOptions, restoring: readonly Entry[]) {
    this.#options = options;
    this.#restoring = restoring;
    this.#stateLog = logOnChange(options.logger, "Keeping alerts on disk");
  }

  /** Reads what is kept. */
  static async load(options: AlertJournalOptions): Promise<AlertJournal> {
    return new AlertJournal(options, await options.collection.entries());
  }

  /**
   * Puts what was kept into the alert store, then follows the store. An alert that was firing by the last word fires on
   * until its source had time to speak again; one that had ended stays so. Once.
   */
  restore(resolveTimeoutMs: number): void {
    const { alerts, clock } = this.#options;
    this.#longestChanceMs = Math.max(resolveTimeoutMs, LONGEST_CHANCE_MS);
    if (this.#unsubscribe !== undefined) return;
    const now = clock.now();
    for (const { key, value } of this.#restoring) {
      const { alert, over: ended } = deserialize(key, value);
      const toldEnd = ended ? undefined : this.#options.endOf?.(alert);
      const kept = keptOf(alert, ended || toldEnd !== undefined);
      kept.endsAt = kept.over ? (toldEnd ?? alert.endsAt) : this.#grantedEnd(kept, now);
      this.#kept.set(key, kept);
      // An end that we chose yields to whatever the source says next.
      alerts.put(kept.endsAt === alert.endsAt ? alert : { ...alert, endsAt: kept.endsAt, timeout: true });
    }
    if (this.#restoring.length > 0) this.#options.logger.info("Alerts restored", { count: this.#restoring.length });
    this.#restoring = [];
    this.#unsubscribe = alerts.subscribe((alert) => this.#see(alert));
  }

  /** Resolves when every alert put so far is on disk, or has failed to get there, which is logged; undefined if it is. */
  kept(): Promise<void> | undefined {
    if (this.#dirty.size > 0) return this.#write();
    return this.#isWriting ? this.#tail : undefined;
  }

  /** Ends are on disk before they are told, also those that nobody reported: a restart does not make the alerts fire anew. */
  flushBegins({ alerts }: Flush): Promise<void> | undefined {
    let anyEnded = false;
    for (const notified of alerts) {
      if (!notified.resolved) continue;
      anyEnded = true;
      const kept = this.#kept.get(notified.fingerprint);
      if (kept === undefined || kept.over || kept.endsAt !== notified.endsAt) continue;
      const { resolved: _, ...alert } = notified;
      this.#note(kept, alert, true);
      this.#options.changed?.(alert, "expired");
    }
    return anyEnded ? this.kept() : undefined;
  }

  /** Forgets alerts that the alert store has forgotten, except those that some group has yet to tell of. */
  async collect(isAwaited: (fingerprint: string) => boolean): Promise<void> {
    const gone = [...this.#kept.keys()].filter((key) => this.#options.alerts.get(key) === undefined && !isAwaited(key));
    for (const key of gone) {
      this.#kept.delete(key);
      this.#dirty.delete(key);
      this.#lazy.delete(key);
    }
    if (gone.length === 0) return;
    const removal = this.#tail.then(() => this.#options.collection.change([], gone));
    this.#tail = removal.catch(() => undefined);
    await removal;
  }

  /** Writes what waits. */
  async close(): Promise<void> {
    this.#unsubscribe?.();
    this.#cancelLazy?.();
    this.#hurry();
    await this.kept();
  }

  /** Until when an alert with such a last word would fire after a start at a moment, without a further word. */
  #grantedEnd({ writtenEndsAt, writtenUpdatedAt }: Kept, start: number): number {
    return Math.max(writtenEndsAt, start + Math.min(writtenEndsAt - writtenUpdatedAt, this.#longestChanceMs));
  }

  #see(alert: Alert): void {
    const over = isResolvedAt(alert, alert.updatedAt);
    const kept = this.#kept.get(alert.fingerprint);
    if (kept === undefined) {
      this.#kept.set(alert.fingerprint, keptOf(alert, over));
      this.#dirty.add(alert.fingerprint);
      this.#options.changed?.(alert, over ? "resolved" : "fired");
      return;
    }
    const wasOver = kept.over || kept.endsAt <= alert.updatedAt;
    if (wasOver === over && sameContent(kept.alert, alert)) {
      kept.alert = alert;
      kept.endsAt = alert.endsAt;
      const granted = this.#grantedEnd(kept, alert.updatedAt) + TOLERANCE_MS;
      if (over ? alert.endsAt !== kept.writtenEndsAt : alert.endsAt > granted) this.#putOff(alert.fingerprint);
      return;
    }
    this.#note(kept, alert, over);
    this.#options.changed?.(alert, wasOver === over ? "changed" : over ? "resolved" : "fired");
  }

  #note(kept: Kept, alert: Alert, over: boolean): void {
    kept.alert = alert;
    kept.endsAt = alert.endsAt;
    kept.over = over;
    this.#lazy.delete(alert.fingerprint);
    this.#dirty.add(alert.fingerprint);
  }

  #putOff(fingerprint: string): void {
    this.#lazy.add(fingerprint);
    this.#cancelLazy ??= this.#options.clock.after(LAZY_MS, () => {
      this.#cancelLazy = undefined;
      this.#hurry();
      void this.kept();
    });
  }

  /** What was put off is put off no more. */
  #hurry(): void {
    for (const key of this.#lazy) this.#dirty.add(key);
    this.#lazy.clear();
  }

  /** One write at a time; those who ask while one runs share the next. */
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
      this.#stateLog.worked();
    } catch (error) {
      // The alerts are taken all the same: telling people matters more than remembering it.
      this.#stateLog.failed(error instanceof Error ? error.message : String(error));
      for (const key of batch) this.#dirty.add(key);
      this.#cancelLazy ??= this.#options.clock.after(LAZY_MS, () => {
        this.#cancelLazy = undefined;
        void this.kept();
      });
    }
    if (this.#scheduled === undefined) this.#isWriting = false;
  }

  /** None if the alert has been forgotten meanwhile. */
  #entriesOf(key: string): readonly Entry[] {
    const kept = this.#kept.get(key);
    if (kept === undefined) return [];
    kept.writtenEndsAt = kept.alert.endsAt;
    kept.writtenUpdatedAt = kept.alert.updatedAt;
    return [{ key, value: serialize(kept.alert, kept.over), expiresAt: NEVER }];
  }
}

const keptOf = (alert: Alert, over: boolean): Kept => ({
  alert,
  endsAt: alert.endsAt,
  over,
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

/** Labels are names and values in turns, sorted by name. */
const serialize = (
  { labels, annotations, startsAt, endsAt, updatedAt, timeout, generatorUrl }: Alert,
  over: boolean,
): string =>
  JSON.stringify([labels.pairs, annotations.pairs, startsAt, endsAt, updatedAt, timeout, generatorUrl, over]);

function deserialize(fingerprint: string, text: string): { readonly alert: Alert; readonly over: boolean } {
  const [labels, annotations, startsAt, endsAt, updatedAt, timeout, generatorUrl, over] = JSON.parse(text) as [
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
  return { alert, over };
}
