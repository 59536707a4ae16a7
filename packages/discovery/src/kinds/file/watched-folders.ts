import { type FSWatcher, watch } from "node:fs";
import { stat } from "node:fs/promises";
import { errorText, logOnChange, type StateLog } from "@narthex/runtime";
import type { DiscoveryContext } from "../../discoverer.ts";
import { fileMetrics } from "./file-metrics.ts";

interface WatchedFolder {
  readonly log: StateLog;
  /** Reason why the folder cannot be watched, or "" if the folder can be watched. */
  failure: string;
  watcher: FSWatcher | undefined;
  /**
   * Inode and birth time of the watched folder. They identify the folder: a new folder with the same path may have the
   * same inode, but has another birth time.
   */
  identity: string;
}

/** Watches folders for changes. If a folder was missing or replaced, the next refresh() starts to watch it. */
export class WatchedFolders {
  readonly #folders: ReadonlyMap<string, WatchedFolder>;
  readonly #context: DiscoveryContext;
  readonly #changed: () => void;

  constructor(folders: Iterable<string>, context: DiscoveryContext, changed: () => void) {
    const watched = (folder: string): WatchedFolder => ({
      log: logOnChange(context.logger, `Watching file discovery folder ${folder}`),
      failure: "",
      watcher: undefined,
      identity: "",
    });
    this.#folders = new Map([...new Set(folders)].map((folder) => [folder, watched(folder)]));
    this.#context = context;
    this.#changed = changed;
  }

  /**
   * Begins to watch folders that exist and are not watched yet. A folder that cannot be watched is counted once per
   * reason.
   */
  async refresh(): Promise<void> {
    for (const [path, folder] of this.#folders) {
      try {
        const { dev, ino, birthtimeMs } = await stat(path);
        const identity = `${dev} ${ino} ${birthtimeMs}`;
        if (folder.watcher !== undefined && folder.identity === identity) continue;
        folder.watcher?.close();
        folder.watcher = undefined;
        if (this.#context.signal.aborted) return;
        folder.watcher = this.#watch(path, folder);
        folder.identity = identity;
        folder.failure = "";
        folder.log.succeeded();
      } catch (error) {
        folder.watcher?.close();
        folder.watcher = undefined;
        this.#failed(folder, error);
      }
    }
  }

  close(): void {
    for (const { watcher } of this.#folders.values()) watcher?.close();
  }

  #watch(path: string, folder: WatchedFolder): FSWatcher {
    const watcher = watch(path, { persistent: false }, this.#changed);
    watcher.on("error", (error) => {
      watcher.close();
      if (folder.watcher === watcher) folder.watcher = undefined;
      this.#failed(folder, error);
    });
    return watcher;
  }

  #failed(folder: WatchedFolder, error: unknown): void {
    const failure = errorText(error);
    if (failure !== folder.failure) fileMetrics.of(this.#context.metrics).watcherErrors.inc();
    folder.failure = failure;
    folder.log.failed(failure);
  }
}
