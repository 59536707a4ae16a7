import { constants } from "node:fs";
import { open, readdir } from "node:fs/promises";
import { join } from "node:path";
import { diskFiles, glob } from "@narthex/config";
import { type MetricFamily, parsingFamilies } from "@narthex/exposition";
import { isLegacyLabelName, isLegacyMetricName } from "@narthex/model";
import {
  runInTimeSlices,
  type Clock,
  flagKinds,
  type Logger,
  logOnChange,
  type StateLog,
  type Steps,
} from "@narthex/runtime";
import { defineCollector } from "../collector.ts";
import { gauge } from "../metric.ts";
import { TextFamilies } from "./text-families.ts";

const DIRECTORY = "collector.textfile.directory";

/** Metrics that scripts write to *.prom files in folders. */
export const textfile = defineCollector({
  name: "textfile",
  enabled: true,
  flags: {
    [DIRECTORY]: flagKinds.list(
      [],
      "Directory to read text files with metrics from, supports glob matching. (repeatable)",
    ),
  },
  metrics: {
    mtime: gauge("node_textfile_mtime_seconds", "Unixtime mtime of textfiles successfully read.", ["file"]),
    error: gauge("node_textfile_scrape_error", "1 if there was an error opening or reading a file, 0 otherwise"),
  },
  open({ settings, clock, logger }) {
    const patterns = settings.list(DIRECTORY).filter((pattern) => pattern !== "");
    const problems = new ProblemLog(logger);
    return async (_files, emit) => {
      const families = new TextFamilies(
        (file, sentence) => problems.add(file, sentence),
        (file, sentence) => problems.note(file, sentence),
      );
      const changed = new Map<string, number>();
      for (const folder of (await Promise.all(patterns.map(foldersOf))).flat()) {
        for (const path of await filesIn(folder, problems)) {
          const file = await readTextFile(path, problems, clock);
          if (file === undefined) continue;
          for (const family of file.families) families.add(family, path);
          changed.set(path, file.changed);
        }
      }
      await runInTimeSlices(clock, emitting(families, emit.family));
      for (const [path, seconds] of changed) emit.mtime(seconds, path);
      emit.error(problems.finish() ? 1 : 0);
    };
  },
});

/** Merges and emits in steps, because thousands of series would block other work. */
function* emitting(families: TextFamilies, emit: (family: MetricFamily) => void): Steps<void> {
  for (const family of yield* families.families()) {
    emit(family);
    yield;
  }
}

/**
 * Returns the folders that match a pattern. A pattern without a match is returned as a folder name, so that the missing
 * folder is reported.
 */
async function foldersOf(pattern: string): Promise<readonly string[]> {
  const found = pattern.endsWith("/") ? [] : await glob(pattern, diskFiles);
  return found.length === 0 ? [pattern] : found;
}

/** Logs a problem of a file once, and once when it is fixed. */
class ProblemLog {
  readonly #logger: Logger;
  readonly #states = new Map<string, StateLog>();
  #noted = new Set<string>();
  #hasFailed = false;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** Adds an error of a file, which the metrics also report. */
  add(file: string, sentence: string): void {
    this.note(file, sentence);
    this.#hasFailed = true;
  }

  /** Adds a conflict between files, which is only logged. */
  note(file: string, sentence: string): void {
    // Only the first problem of a file in each round is logged.
    if (this.#noted.has(file)) return;
    this.#noted.add(file);
    let state = this.#states.get(file);
    if (state === undefined) this.#states.set(file, (state = logOnChange(this.#logger, `Reading ${file}`)));
    state.failed(sentence);
  }

  /** Ends a round. Returns true if there was an error. */
  finish(): boolean {
    for (const [file, state] of this.#states) {
      if (this.#noted.has(file)) continue;
      state.succeeded();
      this.#states.delete(file);
    }
    const hasFailed = this.#hasFailed;
    this.#noted = new Set();
    this.#hasFailed = false;
    return hasFailed;
  }
}

async function filesIn(folder: string, problems: ProblemLog): Promise<readonly string[]> {
  try {
    const names = await readdir(folder);
    return names
      .filter((name) => name.endsWith(".prom"))
      .toSorted()
      .map((name) => join(folder, name));
  } catch (error) {
    problems.add(folder, error instanceof Error ? error.message : String(error));
    return [];
  }
}

interface TextFile {
  readonly families: readonly MetricFamily[];
  /** Time of the last change in seconds since 1970. */
  readonly changed: number;
}

/**
 * Reads one file. Returns undefined and notes a problem if the file cannot be used. Reads on another thread, because
 * the server of its folder may hang.
 */
async function readTextFile(path: string, problems: ProblemLog, clock: Clock): Promise<TextFile | undefined> {
  try {
    const { body, changed } = await readWhole(path);
    const result = await runInTimeSlices(clock, parsingFamilies(body));
    const problem = result.ok ? problemWith(result.families) : result.message;
    if (result.ok && problem === undefined) return { families: result.families, changed };
    problems.add(path, problem ?? "");
  } catch (error) {
    problems.add(path, error instanceof Error ? error.message : String(error));
  }
  return undefined;
}

/**
 * Returns content and time of change. Throws if it is not a regular file: a pipe would block every scrape until someone
 * writes to it.
 */
async function readWhole(path: string): Promise<{ body: Uint8Array; changed: number }> {
  await using file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const stats = await file.stat();
  const isEmptyDevice = stats.isCharacterDevice() && stats.rdev === NULL_DEVICE;
  if (!stats.isFile() && !isEmptyDevice) throw new Error(`${path} is not a regular file`);
  const body = isEmptyDevice ? new Uint8Array() : await file.readFile();
  return { body, changed: Math.floor(stats.mtimeMs / 1000) };
}

/** Device number of /dev/null (1, 3). A link to it switches off a file that belongs to a package. */
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
