import { constants, type Stats } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { type MetricFamily, parsingFamilies } from "@narthex/exposition";
import { isLegacyLabelName, isLegacyMetricName } from "@narthex/model";
import { type Clock } from "@narthex/runtime";
import { runInTurns } from "../collection/turns.ts";

/** Content of a text file. */
export interface TextFile {
  readonly families: readonly MetricFamily[];
  /** Time of the file's last modification, Unix time in seconds. */
  readonly changed: number;
}

/** Maximum size of a file in bytes. A script that never stops writing must not exhaust the exporter's memory. */
const MAX_FILE_BYTES = 64 * 1024 * 1024;
/**
 * Age of the last change in ms from which a file counts as unchanged. A younger file may change again without a new
 * modification time.
 */
const SETTLED_MS = 2000;

/** Reads text files. Caches the metric families of files that do not change. */
export class TextFiles {
  readonly #refuse: (file: string, sentence: string) => void;
  readonly #clock: Clock;
  /** Files that the previous scrape read, by path. The identity is a text that changes when the file changes. */
  #known = new Map<string, { identity: string; file: TextFile }>();
  #next = new Map<string, { identity: string; file: TextFile }>();

  /** @param refuse called with a file that cannot be used, and the reason */
  constructor(refuse: (file: string, sentence: string) => void, clock: Clock) {
    this.#refuse = refuse;
    this.#clock = clock;
  }

  /**
   * Reads one file on another thread, because the file server may hang. Returns undefined and calls `refuse` if the
   * file cannot be used.
   */
  async read(path: string): Promise<TextFile | undefined> {
    try {
      await using handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
      const stats = await handle.stat();
      const { dev, ino, size, mtimeMs, ctimeMs } = stats;
      const identity = [dev, ino, size, mtimeMs, ctimeMs].join(" ");
      const known = this.#known.get(path);
      if (known?.identity === identity) {
        this.#next.set(path, known);
        return known.file;
      }
      const body = await contentOf(handle, stats, path);
      const result = await runInTurns(this.#clock, parsingFamilies(body));
      const problem = result.ok ? problemWith(result.families) : result.message;
      if (result.ok && problem === undefined) {
        const file = { families: result.families, changed: Math.floor(mtimeMs / 1000) };
        if (this.#clock.now() - Math.max(mtimeMs, ctimeMs) > SETTLED_MS) this.#next.set(path, { identity, file });
        return file;
      }
      this.#refuse(path, problem ?? "");
    } catch (error) {
      this.#refuse(path, error instanceof Error ? error.message : String(error));
    }
    return undefined;
  }

  /** Ends a scrape: removes cached files that were not read in this scrape. */
  finish(): void {
    this.#known = this.#next;
    this.#next = new Map();
  }
}

/**
 * Returns the content of a file. Throws if the path is not a regular file, because a pipe would block every scrape
 * until a process writes to it.
 */
async function contentOf(handle: FileHandle, stats: Stats, path: string): Promise<Uint8Array> {
  if (stats.isCharacterDevice() && stats.rdev === NULL_DEVICE) return new Uint8Array();
  if (!stats.isFile()) throw new Error(`${path} is not a regular file`);
  if (stats.size > MAX_FILE_BYTES)
    throw new Error(`${path} has ${stats.size} bytes; files of more than ${MAX_FILE_BYTES} bytes are not read`);
  return handle.readFile();
}

/** Device number of /dev/null (1, 3). A link to /dev/null disables a text file that belongs to a package. */
const NULL_DEVICE = 0x103;

function problemWith(families: readonly MetricFamily[]): string | undefined {
  for (const { name, samples } of families) {
    if (!isLegacyMetricName(name)) return `invalid metric name "${name}"`;
    for (const { labels, timestampMs } of samples) {
      if (timestampMs !== undefined) return "contains unsupported client-side timestamps, skipping entire file";
      const bad = labels.find((text, i) => i % 2 === 0 && !isLegacyLabelName(text));
      if (bad !== undefined) return `invalid label name "${bad}"`;
    }
  }
  return undefined;
}
