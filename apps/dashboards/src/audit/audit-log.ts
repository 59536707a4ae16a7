import type { Clock, Logger } from "@narthex/runtime";
import { logOnChange, type StateLog } from "@narthex/runtime";
import {
  type Collection,
  type ConditionalStore,
  type ConditionalWrite,
  type KeyRange,
  StoreError,
} from "@narthex/store";
import type { AuditedEvent, AuditRecord } from "./audit-record.ts";
import type { AuditFile } from "./audit-file.ts";
import { firstId, RecordIds } from "./record-ids.ts";
import { currentOrigin, type Origin } from "./request-origin.ts";

const COLLECTION = "audit";
const FOREVER = Number.MAX_SAFE_INTEGER;
/** Old records are removed again after this number of new records, and after this time in ms. */
const [TRIM_EVERY, TRIM_EVERY_MS] = [500, 3_600_000];
/** Number of old records that are removed in one step. */
const TRIMMED_AT_ONCE = 250;
/** Maximum size of an audit record in characters. A larger record is stored without the changed values. */
const MAX_RECORD = 16 * 1024;

export interface AuditLogOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Age in ms from which audit records are removed, and the maximum number of records. */
  readonly maxAgeMs: number;
  readonly maxRecords: number;
  /** File to which audit records are also appended. */
  readonly file?: AuditFile | undefined;
}

/** An audit record: its id, and its JSON text as it is stored. */
export interface WrittenRecord {
  readonly id: string;
  readonly text: string;
}

/** The audit log. Its records are in the store, sorted by time. The memory never contains all records at once. */
export class AuditLog {
  readonly #collection: Collection;
  readonly #options: AuditLogOptions;
  readonly #ids = new RecordIds();
  readonly #storing: StateLog;
  readonly #pending = new Set<Promise<void>>();
  #sinceTrim = TRIM_EVERY;
  #trimmedAt = -Infinity;
  #written = 0;
  #lost = 0;
  #isClosed = false;

  constructor(store: ConditionalStore, options: AuditLogOptions) {
    this.#collection = store.collection(COLLECTION, "process");
    this.#options = options;
    this.#storing = logOnChange(options.logger, "Storing an event in the audit log");
  }

  /** Number of records that this instance has written, and of those that could not be stored or written to the file. */
  get counts(): { readonly written: number; readonly lost: number; readonly lostInFile: number } {
    return { written: this.#written, lost: this.#lost, lostInFile: this.#options.file?.lost ?? 0 };
  }

  /** Returns the audit record of an event, without storing it. */
  recordOf(event: AuditedEvent, { sessionId: _session, ...origin }: Origin): WrittenRecord {
    const time = this.#options.clock.now();
    const id = this.#ids.next(time);
    const text = JSON.stringify({ time: Math.floor(time), ...event, ...origin });
    if (text.length <= MAX_RECORD) return { id, text };
    const { before = {}, after = {}, changed = [], paths: _paths, ...short } = event;
    const names = [...new Set([...Object.keys(before), ...Object.keys(after), ...changed])].slice(0, 100);
    return { id, text: JSON.stringify({ time: Math.floor(time), ...short, changed: names, ...origin }) };
  }

  /** Returns the write that stores an audit record. The store makes it in the same step as the recorded change. */
  writeOf({ id, text }: WrittenRecord): ConditionalWrite {
    return { collection: COLLECTION, key: id, entry: { value: text, expiresAt: FOREVER } };
  }

  /**
   * Must be called after records are stored. Appends the records to the file, and removes old records from time to
   * time.
   */
  noteWritten(records: readonly WrittenRecord[]): void {
    this.#written += records.length;
    this.#options.file?.append(records.map(lineOf));
    this.#sinceTrim += records.length;
    const now = this.#options.clock.monotonic();
    if (this.#sinceTrim < TRIM_EVERY && now < this.#trimmedAt + TRIM_EVERY_MS) return;
    this.#sinceTrim = 0;
    this.#trimmedAt = now;
    this.#track(this.trim());
  }

  /** Stores an event in the audit log. If the store refuses the record, the loss is logged and counted. */
  async note(event: AuditedEvent, origin: Origin = currentOrigin()): Promise<void> {
    const record = this.recordOf(event, origin);
    const stored = this.#collection.put({ key: record.id, value: record.text, expiresAt: FOREVER }).then(
      () => {
        this.#storing.succeeded();
        this.noteWritten([record]);
      },
      (error: unknown) => {
        if (!(error instanceof StoreError)) throw error;
        this.#lost++;
        this.#storing.failed(error.message);
      },
    );
    this.#track(stored);
    await stored;
  }

  /** Removes audit records that are too old, or that exceed the maximum number, in small steps. */
  async trim(): Promise<void> {
    const { clock, maxAgeMs, maxRecords } = this.#options;
    const from = maxAgeMs > 0 ? firstId(clock.now() - maxAgeMs) : "";
    const kept = { from, count: maxRecords > 0 ? maxRecords : FOREVER };
    try {
      while (!this.#isClosed && (await this.#collection.trim(kept, TRIMMED_AT_ONCE)) >= TRIMMED_AT_ONCE);
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      this.#storing.failed(error.message);
    }
  }

  /** Returns the newest audit records in a range of ids, newest first. Rejects with StoreError. */
  async latest(range: KeyRange, limit: number): Promise<readonly WrittenRecord[]> {
    return (await this.#collection.latest(range, limit)).map(({ key, value }) => ({ id: key, text: value }));
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.allSettled(this.#pending);
    await this.#options.file?.flush();
  }

  #track(work: Promise<void>): void {
    const tracked = work.finally(() => this.#pending.delete(tracked));
    this.#pending.add(tracked);
    tracked.catch(() => undefined);
  }
}

/** Returns an audit record as one line of JSON, including its id. */
export const lineOf = ({ id, text }: WrittenRecord): string => `{"id":${JSON.stringify(id)},${text.slice(1)}`;

/** Parses a stored audit record. Returns undefined if another program has written something else. */
export function parsedRecord({ id, text }: WrittenRecord): AuditRecord | undefined {
  try {
    const record = JSON.parse(text) as Omit<AuditRecord, "id">;
    return typeof record.actor?.kind === "string" ? { id, ...record } : undefined;
  } catch {
    return undefined;
  }
}
