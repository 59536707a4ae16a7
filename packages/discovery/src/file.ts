import { watch } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { diskFiles, field, filePath, glob, INVALID, listOf, millis, section } from "@narthex/config";
import { logOnChange, type StateLog } from "@narthex/runtime";
import { emitAll, sleepUnlessStopped, MIN_PAUSE_MS } from "./polled-discoverer.ts";
import type { Emit, DiscoveryContext } from "./discoverer.ts";
import { groupFromStatic, readGroups, type TargetGroup } from "./target-group.ts";
import { defineWatched } from "./discoverer.ts";

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

/** Target groups in JSON or YAML files, read when the files change and each refresh_interval. */
export const fileDiscoverer = defineWatched<FileDiscovery>({
  key: "file_sd_configs",
  name: "file",
  codec,
  async watch(config, context, emit) {
    const scan = new FileScan(config, context, emit);
    const folders = new Set(config.files.map((path) => dirname(path)));
    const watchers = [...folders].map((folder) => watchFolder(folder, context, () => scan.wake()));
    try {
      await scan.run();
    } finally {
      for (const watcher of watchers) watcher();
    }
  },
});

/** Calls back on changes in a folder; a folder that cannot be watched is still read each interval. */
function watchFolder(folder: string, context: DiscoveryContext, changed: () => void): () => void {
  try {
    const watcher = watch(folder, { persistent: false }, changed);
    watcher.on("error", (error) => {
      context.metrics.fileWatcherErrors.inc();
      context.logger.warn("Error watching file discovery folder", { folder, err: error.message });
    });
    return () => watcher.close();
  } catch (error) {
    context.metrics.fileWatcherErrors.inc();
    const err = error instanceof Error ? error.message : String(error);
    context.logger.warn("Error adding file watch", { folder, err });
    return () => undefined;
  }
}

/** Reads all files again and again; keeps what a file that cannot be read said last. */
class FileScan {
  readonly #config: FileDiscovery;
  readonly #context: DiscoveryContext;
  readonly #emit: Emit;
  readonly #log: StateLog;
  #last = new Map<string, readonly TargetGroup[]>();
  #sources: ReadonlySet<string> = new Set();
  #wake: AbortController | undefined;
  #changed = false;

  constructor(config: FileDiscovery, context: DiscoveryContext, emit: Emit) {
    this.#config = config;
    this.#context = context;
    this.#emit = emit;
    this.#log = logOnChange(context.logger, "Error reading file: file discovery");
  }

  /** Files changed: read them now rather than at the end of the interval. */
  wake(): void {
    this.#changed = true;
    this.#wake?.abort();
  }

  async run(): Promise<void> {
    const { signal } = this.#context;
    while (!signal.aborted) {
      this.#changed = false;
      await this.#read();
      if (this.#changed || signal.aborted) continue;
      this.#wake = new AbortController();
      const pause = Math.max(this.#config.refreshIntervalMs, MIN_PAUSE_MS);
      await sleepUnlessStopped({ ...this.#context, signal: AbortSignal.any([this.#wake.signal, signal]) }, pause);
    }
  }

  async #read(): Promise<void> {
    const { clock, metrics, signal } = this.#context;
    const begun = clock.monotonic();
    const found = new Map<string, readonly TargetGroup[]>();
    let problem: string | undefined;
    metrics.fileMtime.reset();
    for (const pattern of this.#config.files) {
      for (const path of await glob(pattern, diskFiles)) {
        try {
          found.set(path, await this.#readFile(path));
        } catch (error) {
          metrics.fileReadErrors.inc();
          problem ??= error instanceof Error ? error.message : String(error);
          const kept = this.#last.get(path);
          if (kept !== undefined) found.set(path, kept);
        }
      }
    }
    if (signal.aborted) return;
    if (problem === undefined) this.#log.worked();
    else this.#log.failed(problem);
    this.#last = found;
    this.#sources = emitAll([...found.values()].flat(), this.#sources, this.#emit);
    metrics.fileScanDuration.observe((clock.monotonic() - begun) / 1000);
  }

  async #readFile(path: string): Promise<TargetGroup[]> {
    const text = await readFile(path, "utf8");
    const groups = readGroups(text, path);
    this.#context.metrics.fileMtime.set({ filename: path }, (await stat(path)).mtimeMs / 1000);
    return groups.map((group, i) => groupFromStatic(group, `${path}:${i}`, { __meta_filepath: path }));
  }
}
