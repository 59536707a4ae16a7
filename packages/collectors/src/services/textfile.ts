import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { diskFiles, glob } from "@narthex/config";
import type { MetricFamily } from "@narthex/exposition";
import { flagKinds, type Logger, logOnChange, type StateLog, type Steps } from "@narthex/runtime";
import { runInTurns } from "../collection/turns.ts";
import { defineCollector } from "../collector.ts";
import { gauge } from "../metric.ts";
import { TextFamilies } from "./text-families.ts";
import { TextFiles } from "./text-files.ts";

const DIRECTORY = "collector.textfile.directory";

/** Exports metrics that scripts write to *.prom files in folders. */
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
    const texts = new TextFiles((file, sentence) => problems.add(file, sentence), clock);
    return async (_files, emit) => {
      const families = new TextFamilies(
        (file, sentence) => problems.add(file, sentence),
        (file, sentence) => problems.note(file, sentence),
      );
      const changed = new Map<string, number>();
      for (const folder of (await Promise.all(patterns.map(foldersOf))).flat()) {
        for (const path of await filesIn(folder, problems)) {
          const file = await texts.read(path);
          if (file === undefined) continue;
          for (const family of file.families) families.add(family, path);
          changed.set(path, file.changed);
        }
      }
      texts.finish();
      await runInTurns(clock, emitting(families, emit.family));
      for (const [path, seconds] of changed) emit.mtime(seconds, path);
      emit.error(problems.finish() ? 1 : 0);
    };
  },
});

/** Merges and emits families in steps, because thousands of series would otherwise block the event loop. */
function* emitting(families: TextFamilies, emit: (family: MetricFamily) => Steps<void>): Steps<void> {
  for (const family of yield* families.families()) {
    yield* emit(family);
    yield;
  }
}

/**
 * Returns the folders that match a pattern. If no folder matches, returns the pattern itself, so that the missing
 * folder is reported.
 */
async function foldersOf(pattern: string): Promise<readonly string[]> {
  const found = pattern.endsWith("/") ? [] : await glob(pattern, diskFiles);
  return found.length === 0 ? [pattern] : found;
}

/** Logs each problem of a file once, and logs once when the problem is fixed. */
class ProblemLog {
  readonly #logger: Logger;
  readonly #states = new Map<string, StateLog>();
  #noted = new Set<string>();
  #hasFailed = false;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** Adds an error of a file, which is logged and reported in the metrics. */
  add(file: string, sentence: string): void {
    this.note(file, sentence);
    this.#hasFailed = true;
  }

  /** Adds a conflict between files, which is only logged and not reported in the metrics. */
  note(file: string, sentence: string): void {
    // Logs only the first problem of a file in each scrape.
    if (this.#noted.has(file)) return;
    this.#noted.add(file);
    let state = this.#states.get(file);
    if (state === undefined) this.#states.set(file, (state = logOnChange(this.#logger, `Reading ${file}`)));
    state.failed(sentence);
  }

  /** Ends a scrape. Returns true if there was an error. */
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
