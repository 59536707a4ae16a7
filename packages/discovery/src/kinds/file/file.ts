import { readFile, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { diskFiles, field, filePath, glob, INVALID, listOf, millis, section } from "@narthex/config";
import { errorText, logOnChange, type StateLog } from "@narthex/runtime";
import { emitAll, sleepUnlessStopped, MIN_PAUSE_MS } from "../../polled-discoverer.ts";
import type { Emit, DiscoveryContext } from "../../discoverer.ts";
import { readGroups } from "../../json-groups.ts";
import { groupFromStatic, type TargetGroup } from "../../target-group.ts";
import { defineWatched } from "../../discoverer.ts";
import { WatchedFolders } from "./watched-folders.ts";
import { fileMetrics } from "./file-metrics.ts";

interface FileDiscovery {
  readonly files: readonly string[];
  readonly refreshIntervalMs: number;
}

const PATTERN = /^[^*]*(\*[^/]*)?\.(json|yml|yaml|JSON|YML|YAML)$/;

const codec = section<FileDiscovery>(
  "file.SDConfig",
  {
    files: field("files", listOf(filePath), []),
    refreshIntervalMs: field("refresh_interval", millis, 300_000),
  },
  (value, at, report) => {
    if (value.files.length === 0) {
      const message = "file service discovery config must contain at least one path name";
      report(at.files, "file-sd-files", message, "list the files under files");
      return INVALID;
    }
    const wrong = value.files.find((path) => !PATTERN.test(path));
    if (wrong === undefined) return value;
    const hint = "end it in .json, .yml or .yaml, with at most one * in the last part";
    report(at.files, "file-sd-path", `path name "${wrong}" is not valid for file discovery`, hint);
    return INVALID;
  },
);

/** Finds targets in JSON or YAML files. Reads the files when they change, and at each refresh_interval. */
export const fileDiscoverer = defineWatched<FileDiscovery>({
  key: "file_sd_configs",
  name: "file",
  metrics: fileMetrics,
  codec,
  async watch(config, context, emit) {
    await new FileScan(config, context, emit).run();
  },
});

/**
 * Repeatedly reads the files of one `file_sd_configs` entry. If a file cannot be read, keeps the file's previous
 * targets.
 */
class FileScan {
  readonly #config: FileDiscovery;
  readonly #context: DiscoveryContext;
  readonly #emit: Emit;
  readonly #log: StateLog;
  readonly #folders: WatchedFolders;
  /** Modification times of the target files in seconds since 1970, by path. */
  #times = new Map<string, number>();
  #last = new Map<string, readonly TargetGroup[]>();
  #sources: ReadonlySet<string> = new Set();
  #wake: AbortController | undefined;
  #changed = false;

  constructor(config: FileDiscovery, context: DiscoveryContext, emit: Emit) {
    this.#config = config;
    this.#context = context;
    this.#emit = emit;
    this.#log = logOnChange(context.logger, "Error reading file: file discovery");
    this.#folders = new WatchedFolders(config.files.map(dirname), context, () => this.#wakeUp());
  }

  /** Starts the next reading of the target files immediately, because a file has changed. */
  #wakeUp(): void {
    this.#changed = true;
    this.#wake?.abort();
  }

  async run(): Promise<void> {
    try {
      await this.#readAgainAndAgain();
    } finally {
      this.#folders.close();
      fileMetrics.of(this.#context.metrics).times.set(this, new Map());
    }
  }

  async #readAgainAndAgain(): Promise<void> {
    const { signal } = this.#context;
    while (!signal.aborted) {
      this.#changed = false;
      // Starts to watch the folders before reading the target files. Otherwise a change between the two steps would be
      // missed.
      await this.#folders.refresh();
      await this.#read();
      if (this.#changed || signal.aborted) continue;
      this.#wake = new AbortController();
      const pause = Math.max(this.#config.refreshIntervalMs, MIN_PAUSE_MS);
      await sleepUnlessStopped({ ...this.#context, signal: AbortSignal.any([this.#wake.signal, signal]) }, pause);
    }
  }

  async #read(): Promise<void> {
    const { clock, signal } = this.#context;
    const metrics = fileMetrics.of(this.#context.metrics);
    const begun = clock.monotonic();
    const found = new Map<string, readonly TargetGroup[]>();
    let problem: string | undefined;
    const times = new Map<string, number>();
    for (const pattern of this.#config.files) {
      for (const path of await glob(pattern, diskFiles)) {
        try {
          const file = await readGroupsOf(path);
          found.set(path, file.groups);
          times.set(path, file.seconds);
        } catch (error) {
          metrics.readErrors.inc();
          problem ??= errorText(error);
          const kept = this.#last.get(path);
          if (kept !== undefined) found.set(path, kept);
          const seconds = this.#times.get(path);
          if (seconds !== undefined) times.set(path, seconds);
        }
      }
    }
    if (signal.aborted) return;
    if (problem === undefined) this.#log.succeeded();
    else this.#log.failed(problem);
    this.#last = found;
    this.#times = times;
    metrics.times.set(this, times);
    this.#sources = emitAll([...found.values()].flat(), this.#sources, this.#emit);
    metrics.scanDuration.observe((clock.monotonic() - begun) / 1000);
  }
}

/** Returns the target groups in a file, and the file's modification time in seconds since 1970. */
async function readGroupsOf(path: string): Promise<{ readonly groups: TargetGroup[]; readonly seconds: number }> {
  const text = await readFile(path, "utf8");
  const { mtimeMs } = await stat(path);
  const groups = readGroups(text, path).map((group, i) =>
    groupFromStatic(group, `${path}:${i}`, { __meta_filepath: path }),
  );
  return { groups, seconds: mtimeMs / 1000 };
}
