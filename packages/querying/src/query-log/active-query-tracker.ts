import { closeSync, ftruncateSync, openSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { goJson } from "@narthex/model";
import { type Clock, logOnChange, type Logger, type StateLog } from "@narthex/runtime";
import type { QueryTracker } from "../scheduler/scheduler-lane.ts";

const FILE = "queries.active";
/** Bytes of an entry with the comma behind it, as Prometheus has it. */
const ENTRY_BYTES = 1000;
const COMMA = 0x2c;
const NOTHING = new Uint8Array(ENTRY_BYTES);

/** A query that ends sooner is never written down: writing takes as long as a short one. */
const SHORT_MS = 5;

/** A query that runs. */
interface Running {
  readonly text: string;
  readonly startedAt: number;
  /** On the monotonic clock: from then on it belongs into the file. */
  readonly due: number;
  /** Where it is in the file; undefined while it is not. */
  slot: number | undefined;
}

/**
 * The queries that run, in a file that outlives the process: after a crash the next start tells which they were. The
 * form is Prometheus': `[`, then slots of 1000 bytes, each `{"query":…,"timestamp_sec":…}` with a comma at its end, or
 * zeros.
 */
export class ActiveQueryTracker implements QueryTracker {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #writing: StateLog;
  /** Slots in use. */
  readonly #taken: boolean[];
  /** Those that are not in the file yet, the oldest first. */
  readonly #waiting = new Set<Running>();
  #cancelLook: (() => void) | undefined;
  #file: number | undefined;

  constructor(slots: number, clock: Clock, logger: Logger) {
    this.#clock = clock;
    this.#logger = logger;
    this.#writing = logOnChange(logger, "writing the log of active queries");
    this.#taken = Array.from({ length: slots }, () => false);
  }

  /** Tells what ran when the last process ended, and begins anew. Until then nothing is written down. */
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

  /** One timer for all, which comes again as long as any waits: one for each query would cost what is saved. */
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

  /** A full disk does not stop queries. */
  #write(work: () => void): void {
    try {
      work();
      this.#writing.worked();
    } catch (error) {
      this.#writing.failed(error instanceof Error ? error.message : String(error));
    }
  }
}

const placeOf = (slot: number): number => 1 + slot * ENTRY_BYTES;

/** What is in the file of a process that died, as JSON; undefined when no query ran. */
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

/** An entry; of a query that is too long as much as there is room for. */
function entryOf(query: string, now: number): Uint8Array {
  const entry = new Uint8Array(ENTRY_BYTES);
  const tail = `,"timestamp_sec":${Math.floor(now / 1000)}}`;
  const room = ENTRY_BYTES - 1 - '{"query":'.length - tail.length;
  encoder.encodeInto(`{"query":${shortened(query, room)}${tail}`, entry);
  entry[ENTRY_BYTES - 1] = COMMA;
  return entry;
}

/** A text as JSON of at most so many bytes. */
function shortened(text: string, room: number): string {
  // No character takes less than a byte.
  let kept = text.slice(0, room).toWellFormed();
  for (;;) {
    const json = goJson(kept);
    const excess = Buffer.byteLength(json) - room;
    if (excess <= 0) return json;
    // None takes more than six: nothing that would fit is cut off by more than a few bytes.
    kept = kept.slice(0, kept.length - Math.ceil(excess / 6)).toWellFormed();
  }
}
