import { readFileSync } from "node:fs";
import { open, rename } from "node:fs/promises";
import { join } from "node:path";
import { type Clock, logOnChange, type Logger, type StateLog } from "@narthex/runtime";
import type { MetricReference } from "./metric-references.ts";

const FILE = "metric-usage.jsonl";
const WRITE_MS = 5 * 60_000;
/**
 * Longest time in ms between two writes of the file without a gap in the record. After a longer time, the uses in
 * between count as unknown.
 */
const MAX_GAP_MS = 12 * WRITE_MS;
/** Largest number of recorded metrics. The least recently used metrics are removed first. */
const MAX_REFERENCES = 100_000;
/** Largest number of query texts whose metrics are cached. The next constant is the largest length of such a text. */
const MAX_TEXTS = 2048;
const MAX_CHARACTERS = 8192;
/**
 * Largest number of query texts that wait to be parsed. Further texts are skipped, and recorded when the query is
 * repeated.
 */
const MAX_WAITING = 256;
/** Number of lines that one write adds to the file. */
const LINES_AT_ONCE = 1000;

export interface UsageRecordOptions {
  /** Parses a query on another thread. Resolves with its metrics, a JSON list of MetricReference. */
  readonly parse: (text: string) => Promise<string>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Records when a query last used each metric, in a file that survives restarts. The first line of the file is JSON with
 * the start of the record and the time of the write. Each further line has a metric and the time of its last use.
 */
export class UsageRecord {
  readonly #options: UsageRecordOptions;
  readonly #writing: StateLog;
  /** Time when each metric was last used, epoch ms. The most recently used is last. */
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

  /** Time since which queries are recorded, epoch ms. Earlier queries are unknown. */
  get since(): number {
    return this.#since;
  }

  /** Returns the metrics that queries have used since a time. */
  usedSince(time: number): readonly MetricReference[] {
    const found: MetricReference[] = [];
    for (const [reference, last] of this.#uses) if (last >= time) found.push(reference);
    return found;
  }

  /** Reads the file of an earlier process, and continues the record. */
  open(folder: string): void {
    this.#path = join(folder, FILE);
    this.#load(this.#path);
    this.#writeLater();
  }

  /** Records the metrics of a query. Parses the text of the query only if its metrics are not cached. */
  note(text: string): void {
    const known = this.#texts.get(text);
    if (known !== undefined) this.#noteUses(known);
    else if (!this.#waiting.has(text) && this.#waiting.size < MAX_WAITING) void this.#read(text);
  }

  async close(): Promise<void> {
    this.#cancel();
    await this.#write();
  }

  async #read(text: string): Promise<void> {
    this.#waiting.add(text);
    try {
      const references = JSON.parse(await this.#options.parse(text)) as readonly MetricReference[];
      if (text.length <= MAX_CHARACTERS) {
        if (this.#texts.size === MAX_TEXTS) this.#texts.delete(this.#texts.keys().next().value!);
        this.#texts.set(text, references);
      }
      this.#noteUses(references);
    } catch {
      // Ignores the failure: the query is invalid and did not run, or the parsing thread has ended. In the second case,
      // the text is parsed when the query is repeated.
    } finally {
      this.#waiting.delete(text);
    }
  }

  #noteUses(references: readonly MetricReference[]): void {
    const now = Math.floor(this.#options.clock.now());
    for (const reference of references) {
      this.#uses.delete(reference);
      while (this.#uses.size >= MAX_REFERENCES) this.#uses.delete(this.#uses.keys().next().value!);
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
        throw new Error("the start time of the record is missing");
      const uses = lines.map((line) => JSON.parse(line) as [MetricReference, number]);
      const last = uses.reduce((latest, [, time]) => Math.max(latest, time), written);
      if (this.#options.clock.now() - last <= MAX_GAP_MS) this.#since = since;
      // Puts queries that were recorded while the file was read after all uses in the file, because they are later.
      this.#uses = new Map([...uses, ...this.#uses].slice(-MAX_REFERENCES));
    } catch (error) {
      const err = error instanceof Error ? error.message : String(error);
      this.#options.logger.warn("The record of used metrics cannot be read, so a new one is started", { path, err });
    }
  }

  #writeLater(): void {
    this.#cancel = this.#options.clock.after(WRITE_MS, () => {
      void this.#write();
      this.#writeLater();
    });
  }

  /** Writes the file after earlier writes have ended. Reports a failure; the next write contains all data again. */
  #write(): Promise<void> {
    return (this.#written = this.#written.then(async () => {
      if (this.#path === undefined) return;
      try {
        await this.#writeFile(this.#path);
        this.#writing.succeeded();
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
