import { glob, open, readdir } from "node:fs/promises";
import { join } from "node:path";
import { type FamilySample, type MetricFamily, parseFamilies } from "@narthex/exposition";
import { isLegacyLabelName, isLegacyMetricName } from "@narthex/model";
import { flagKinds, type Logger, logOnChange, type StateLog } from "@narthex/runtime";
import { defineCollector } from "../collector.ts";
import { gauge } from "../metric.ts";

const DIRECTORY = "collector.textfile.directory";

/** Metrics that scripts leave as *.prom files in folders. */
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
  open({ settings, logger }) {
    const patterns = settings.list(DIRECTORY).filter((pattern) => pattern !== "");
    const problems = new ProblemLog(logger);
    return async (_files, emit) => {
      const gathered = new TextFamilies(problems);
      for (const folder of (await Promise.all(patterns.map(foldersOf))).flat()) {
        for (const path of await filesIn(folder, problems)) {
          const file = await readTextFile(path, problems);
          if (file === undefined) continue;
          for (const family of file.families) gathered.add(family, path);
          emit.mtime(file.modifiedSeconds, path);
        }
      }
      for (const family of gathered.families()) emit.family(family);
      emit.error(problems.finish() ? 1 : 0);
    };
  },
});

/** Folders a pattern stands for; one that matches nothing is taken as a name, so that its absence is told. */
async function foldersOf(pattern: string): Promise<readonly string[]> {
  const found = /[*?[]/.test(pattern) ? (await Array.fromAsync(glob(pattern))).toSorted() : [];
  return found.length === 0 ? [pattern] : found;
}

/** Says what is wrong with a file once, and once when it is mended. */
class ProblemLog {
  readonly #logger: Logger;
  readonly #states = new Map<string, StateLog>();
  #failed = new Set<string>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  add(file: string, sentence: string): void {
    let state = this.#states.get(file);
    if (state === undefined) this.#states.set(file, (state = logOnChange(this.#logger, `Reading ${file}`)));
    state.failed(sentence);
    this.#failed.add(file);
  }

  /** Ends a round; was anything wrong? */
  finish(): boolean {
    for (const [file, state] of this.#states) {
      if (this.#failed.has(file)) continue;
      state.worked();
      this.#states.delete(file);
    }
    const hasFailed = this.#failed.size > 0;
    this.#failed = new Set();
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
  readonly modifiedSeconds: number;
}

/** One file; undefined, and a problem noted, where it cannot be taken. Read on a thread: its folder's server may hang. */
async function readTextFile(path: string, problems: ProblemLog): Promise<TextFile | undefined> {
  let body: Uint8Array;
  let modifiedSeconds: number;
  try {
    await using file = await open(path);
    body = await file.readFile();
    modifiedSeconds = Math.floor((await file.stat()).mtimeMs / 1000);
  } catch (error) {
    problems.add(path, error instanceof Error ? error.message : String(error));
    return undefined;
  }
  const result = parseFamilies(body);
  const problem = result.ok ? problemWith(result.families) : result.message;
  if (problem !== undefined || !result.ok) {
    problems.add(path, problem ?? "");
    return undefined;
  }
  return { families: result.families, modifiedSeconds };
}

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

interface Gathered {
  readonly family: MetricFamily;
  readonly files: string[];
  readonly samples: FamilySample[];
}

const SEPARATOR = "\ud800";

/** The families of all files together: one help and one type per name, the first wins. */
class TextFamilies {
  readonly #byName = new Map<string, Gathered>();
  readonly #problems: ProblemLog;

  constructor(problems: ProblemLog) {
    this.#problems = problems;
  }

  add(family: MetricFamily, path: string): void {
    const known = this.#byName.get(family.name);
    if (known === undefined) {
      this.#byName.set(family.name, { family, files: [path], samples: [...family.samples] });
      return;
    }
    const { help, type } = known.family;
    if (help !== undefined && family.help !== undefined && help !== family.help) {
      this.#problems.add(path, `metric ${family.name} has another help text in ${known.files[0]!}`);
      return;
    }
    if (type !== family.type) {
      this.#problems.add(path, `metric ${family.name} has another type in ${known.files[0]!}`);
      return;
    }
    known.files.push(path);
    this.#addSamples(known, family.samples, path);
  }

  #addSamples(known: Gathered, samples: readonly FamilySample[], path: string): void {
    const keyOf = ({ suffix, labels }: FamilySample): string => [suffix, ...labels].join(SEPARATOR);
    const seen = new Set(known.samples.map(keyOf));
    for (const sample of samples) {
      if (!seen.has(keyOf(sample))) known.samples.push(sample);
      else this.#problems.add(path, `metric ${known.family.name} has a series that is in ${known.files[0]!} too`);
    }
  }

  families(): MetricFamily[] {
    return [...this.#byName.values()].map(({ family, files, samples }) => ({
      ...family,
      help: family.help ?? `Metric read from ${files.join(", ")}`,
      samples: withAllLabels(samples),
    }));
  }
}

/** Every series of a family gets the labels that any of them has. */
function withAllLabels(samples: readonly FamilySample[]): readonly FamilySample[] {
  const names = new Set(samples.flatMap(({ labels }) => labels.filter((_, i) => i % 2 === 0)));
  names.delete("le");
  names.delete("quantile");
  return samples.map((sample) => {
    const own = new Set(sample.labels.filter((_, i) => i % 2 === 0));
    const missing = [...names].filter((name) => !own.has(name));
    if (missing.length === 0) return sample;
    return { ...sample, labels: [...missing.flatMap((name) => [name, ""]), ...sample.labels] };
  });
}
