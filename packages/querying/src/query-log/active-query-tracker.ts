import { closeSync, ftruncateSync, openSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { goJson } from "@narthex/model";
import { type Clock, logOnChange, type Logger, type StateLog } from "@narthex/runtime";
import type { QueryTracker } from "../scheduler/scheduler-lane.ts";

const FILE = "queries.active";
/** Size in bytes of a query's entry in the file of active queries, including the comma, as in Prometheus. */
const ENTRY_BYTES = 1000;
const COMMA = 0x2c;
const NOTHING = new Uint8Array(ENTRY_BYTES);

/**
 * Time in ms after which a running query is written to the file. Writing a shorter query would take as much time as the
 * query.
 */
const SHORT_MS = 5;

/** A running query. */
interface Running {
  readonly text: string;
  readonly startedAt: number;
  /** Time at which the query will be written to the file, monotonic ms. */
  readonly due: number;
  /** Index of the query's slot in the file; undefined if the query is not written yet. */
  slot: number | undefined;
}

/**
 * Keeps the running queries in a file that survives a crash of the process, so that the next start can log these
 * queries. The format is that of Prometheus: `[`, then slots of 1000 bytes. A slot contains
 * `{"query":…,"timestamp_sec":…}` with a comma at its end, or zeros.
 */
export class ActiveQueryTracker implements QueryTracker {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #writing: StateLog;
  /** For each slot of the file, whether it contains a running query. */
  readonly #taken: boolean[];
  /** Queries that are not written to the file yet, the oldest first. */
  readonly #waiting = new Set<Running>();
  #cancelLook: (() => void) | undefined;
  #file: number | undefined;

  constructor(slots: number, clock: Clock, logger: Logger) {
    this.#clock = clock;
    this.#logger = logger;
    this.#writing = logOnChange(logger, "writing the log of active queries");
    this.#taken = Array.from({ length: slots }, () => false);
  }

  /**
   * Logs the queries that were running when the last process ended, and starts a new file. Queries are written to the
   * file only after this call.
   */
  open(folder: string): void {
    const path = join(folder, FILE);
    const unfinished = unfinishedQueries(path);
    if (unfinished !== undefined)
      this.#logger.info("These queries didn't finish in prometheus' last run:", { queries: unfinished });
    this.#write(() => {
      const file = openSync(path, "w", 0o666);
      ftruncateSync(file, 1 + this.#taken.length * ENTRY_BYTES);
      writeSync(file, "[", 0);
      this.#file = file;
    });
  }

  insert(text: string): () => void {
    if (this.#file === undefined) return () => {};
    const due = this.#clock.monotonic() + SHORT_MS;
    const running: Running = { text, startedAt: this.#clock.now(), due, slot: undefined };
    this.#waiting.add(running);
    this.#lookIn(SHORT_MS);
    return () => this.#remove(running);
  }

  /**
   * Starts the timer that writes queries to the file, unless the timer is running. All queries share one timer, because
   * separate timers would take more time than the writes that they save.
   */
  #lookIn(ms: number): void {
    this.#cancelLook ??= this.#clock.after(ms, () => {
      this.#cancelLook = undefined;
      const now = this.#clock.monotonic();
      for (const running of this.#waiting) {
        if (running.due > now) {
          this.#lookIn(running.due - now);
          return;
        }
        this.#waiting.delete(running);
        this.#put(running);
      }
    });
  }

  #put(running: Running): void {
    const file = this.#file;
    const slot = this.#taken.indexOf(false);
    if (file === undefined || slot < 0) return;
    this.#taken[slot] = true;
    running.slot = slot;
    const entry = entryOf(running.text, running.startedAt);
    this.#write(() => writeSync(file, entry, 0, ENTRY_BYTES, placeOf(slot)));
  }

  #remove(running: Running): void {
    const { slot } = running;
    this.#waiting.delete(running);
    if (slot === undefined) return;
    this.#taken[slot] = false;
    const file = this.#file;
    if (file !== undefined) this.#write(() => writeSync(file, NOTHING, 0, ENTRY_BYTES, placeOf(slot)));
  }

  close(): void {
    this.#cancelLook?.();
    this.#cancelLook = undefined;
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }

  /** Writes to the file. Ignores errors, so that queries still work if the disk is full. */
  #write(work: () => void): void {
    try {
      work();
      this.#writing.succeeded();
    } catch (error) {
      this.#writing.failed(error instanceof Error ? error.message : String(error));
    }
  }
}

const placeOf = (slot: number): number => 1 + slot * ENTRY_BYTES;

/** Returns the queries that were running when the last process died, as JSON; undefined if there were none. */
function unfinishedQueries(path: string): string | undefined {
  let text: string;
  try {
    text = readFileSync(path, "utf8").replaceAll("\0", "");
  } catch {
    return undefined;
  }
  return text.length <= 1 ? undefined : `${text.slice(0, -1)}]`;
}

const encoder = new TextEncoder();

/** Returns the entry of a query in the file of active queries. Truncates a long query text. */
function entryOf(query: string, now: number): Uint8Array {
  const entry = new Uint8Array(ENTRY_BYTES);
  const tail = `,"timestamp_sec":${Math.floor(now / 1000)}}`;
  const room = ENTRY_BYTES - 1 - '{"query":'.length - tail.length;
  encoder.encodeInto(`{"query":${shortened(query, room)}${tail}`, entry);
  entry[ENTRY_BYTES - 1] = COMMA;
  return entry;
}

/** Returns a text as JSON, truncated to at most `room` bytes. */
function shortened(text: string, room: number): string {
  // Cuts the text to `room` characters first, because each character takes at least one byte of the slot.
  let kept = text.slice(0, room).toWellFormed();
  for (;;) {
    const json = goJson(kept);
    const excess = Buffer.byteLength(json) - room;
    if (excess <= 0) return json;
    // Removes a sixth of the excess, because each character takes at most six bytes. The loop repeats this until the
    // text fits.
    kept = kept.slice(0, kept.length - Math.ceil(excess / 6)).toWellFormed();
  }
}
