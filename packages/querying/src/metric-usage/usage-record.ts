import { readFileSync } from "node:fs";
import { open, rename } from "node:fs/promises";
import { join } from "node:path";
import { type Clock, logOnChange, type Logger, type StateLog } from "@narthex/runtime";
import type { MetricReference } from "./metric-references.ts";

const FILE = "metric-usage.jsonl";
const WRITE_MS = 5 * 60_000;
/** A longer time in which nothing was written is a gap: of queries in it nothing is known. */
const MOST_GAP_MS = 12 * WRITE_MS;
/** References that are kept; the one used longest ago makes room. */
const MOST_REFERENCES = 100_000;
/** Texts whose references are known, and how long they may be. */
const MOST_TEXTS = 2048;
const MOST_CHARACTERS = 8192;
/** Texts that wait to be read; further ones count when they are asked next. */
const MOST_WAITING = 256;
/** Lines that are written at once. */
const LINES_AT_ONCE = 1000;

export interface UsageRecordOptions {
  /** Reads an expression elsewhere; resolves to a JSON list of references. */
  readonly parse: (text: string) => Promise<string>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * When which metrics were last used by a query, kept across restarts in a file of the data folder: a line of JSON that tells since
 * when it is kept and when it was written, then one of each reference with its time.
 */
export class UsageRecord {
  readonly #options: UsageRecordOptions;
  readonly #writing: StateLog;
  /** By reference: when it was last used, ms; that of the latest use last. */
  #uses = new Map<MetricReference, number>();
  readonly #texts = new Map<string, readonly MetricReference[]>();
  readonly #waiting = new Set<string>();
  #since: number;
  #path: string | undefined;
  #cancel: () => void = () => {};
  #written: Promise<void> = Promise.resolve();

  constructor(options: UsageRecordOptions) {
    this.#options = options;
    this.#since = options.clock.now();
    this.#writing = logOnChange(options.logger, "writing the record of used metrics");
  }

  /** Nothing is known of queries before, ms. */
  get since(): number {
    return this.#since;
  }

  /** What was used at or after a time. */
  usedSince(time: number): readonly MetricReference[] {
    const found: MetricReference[] = [];
    for (const [reference, last] of this.#uses) if (last >= time) found.push(reference);
    return found;
  }

  /** Goes on where the last process ended. */
  open(folder: string): void {
    this.#path = join(folder, FILE);
    this.#load(this.#path);
    this.#writeLater();
  }

  /** Notes that a query was asked. One that was asked before costs no more than looking it up. */
  note(text: string): void {
    const known = this.#texts.get(text);
    if (known !== undefined) this.#noteUses(known);
    else if (!this.#waiting.has(text) && this.#waiting.size < MOST_WAITING) void this.#read(text);
  }

  async close(): Promise<void> {
    this.#cancel();
    await this.#write();
  }

  async #read(text: string): Promise<void> {
    this.#waiting.add(text);
    try {
      const references = JSON.parse(await this.#options.parse(text)) as readonly MetricReference[];
      if (text.length <= MOST_CHARACTERS) {
        if (this.#texts.size === MOST_TEXTS) this.#texts.delete(this.#texts.keys().next().value!);
        this.#texts.set(text, references);
      }
      this.#noteUses(references);
    } catch {
      // What cannot be read was not run. A thread that is lost to another query, or ends, reads it when it is asked next.
    } finally {
      this.#waiting.delete(text);
    }
  }

  #noteUses(references: readonly MetricReference[]): void {
    const now = Math.floor(this.#options.clock.now());
    for (const reference of references) {
      this.#uses.delete(reference);
      while (this.#uses.size >= MOST_REFERENCES) this.#uses.delete(this.#uses.keys().next().value!);
      this.#uses.set(reference, now);
    }
  }

  #load(path: string): void {
    let text: string;
    try {
      text = readFileSync(path, "utf8");
    } catch {
      return;
    }
    const [head, ...lines] = text.split("\n").filter((line) => line !== "");
    try {
      const { since, written = since } = JSON.parse(head ?? "") as { since: unknown; written?: unknown };
      if (typeof since !== "number" || typeof written !== "number")
        throw new Error("it does not tell since when it is kept");
      const uses = lines.map((line) => JSON.parse(line) as [MetricReference, number]);
      const last = uses.reduce((latest, [, time]) => Math.max(latest, time), written);
      if (this.#options.clock.now() - last <= MOST_GAP_MS) this.#since = since;
      // Queries that came before this was read are later than all of it.
      this.#uses = new Map([...uses, ...this.#uses].slice(-MOST_REFERENCES));
    } catch (error) {
      const err = error instanceof Error ? error.message : String(error);
      this.#options.logger.warn("The record of used metrics cannot be read, and begins anew", { path, err });
    }
  }

  #writeLater(): void {
    this.#cancel = this.#options.clock.after(WRITE_MS, () => {
      void this.#write();
      this.#writeLater();
    });
  }

  /** One after the other; what a full disk keeps from being written is written later. */
  #write(): Promise<void> {
    return (this.#written = this.#written.then(async () => {
      if (this.#path === undefined) return;
      try {
        await this.#writeFile(this.#path);
        this.#writing.worked();
      } catch (error) {
        this.#writing.failed(error instanceof Error ? error.message : String(error));
      }
    }));
  }

  async #writeFile(path: string): Promise<void> {
    const next = `${path}.tmp`;
    const uses = [...this.#uses];
    const file = await open(next, "w", 0o666);
    try {
      await file.write(`${JSON.stringify({ since: this.#since, written: Math.floor(this.#options.clock.now()) })}\n`);
      for (let at = 0; at < uses.length; at += LINES_AT_ONCE) {
        const lines = uses.slice(at, at + LINES_AT_ONCE).map((use) => JSON.stringify(use));
        await file.write(`${lines.join("\n")}\n`);
      }
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(next, path);
  }
}
