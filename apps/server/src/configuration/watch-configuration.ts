import { resolve } from "node:path";
import type { Host, Logger, Part } from "@narthex/runtime";
import type { Configuration } from "./configuration.ts";
import { configurationDigest } from "./configuration-digest.ts";

interface WatchOptions {
  readonly host: Pick<Host, "onReload" | "clock" | "cwd">;
  readonly logger: Logger;
  /** Value of `--config.file`. */
  readonly file: string;
  /** Interval of checks for changed files, ms; undefined for reloads by signal only. */
  readonly everyMs: number | undefined;
}

/** Reloads on SIGHUP and, with `everyMs`, after a change of a file. */
export function watchConfiguration(
  { host, logger, file, everyMs }: WatchOptions,
  configuration: Pick<Configuration, "reload" | "onReload">,
): Part {
  // The configuration has logged and counted a failed reload.
  const stopListening = host.onReload(() => void configuration.reload().catch(() => undefined));
  const stop = new AbortController();
  if (everyMs !== undefined) {
    const watch = new FileWatch(resolve(host.cwd, file), logger, configuration);
    void watch.run(everyMs, host.clock, stop.signal);
  }
  return {
    name: "configuration watch",
    stop() {
      stopListening();
      stop.abort(new Error("stopping"));
    },
  };
}

/** Compares the files with those of the last successful reload, and reloads at each check until one succeeds. */
class FileWatch {
  readonly #file: string;
  readonly #logger: Logger;
  readonly #configuration: Pick<Configuration, "reload" | "onReload">;
  #known: string | undefined;
  /** Whether this watch is reloading. Its digest of the new files is then already computed. */
  #reloading = false;

  constructor(file: string, logger: Logger, configuration: Pick<Configuration, "reload" | "onReload">) {
    this.#file = file;
    this.#logger = logger;
    this.#configuration = configuration;
  }

  async run(everyMs: number, clock: Host["clock"], signal: AbortSignal): Promise<void> {
    this.#known = await this.#digest();
    // Signals and requests reload too: the files that they read are not changes.
    this.#configuration.onReload(() => {
      if (!this.#reloading) void this.#digest().then((digest) => (this.#known = digest));
    });
    while (!signal.aborted) {
      await clock.sleep(everyMs, signal).catch(() => undefined);
      if (!signal.aborted) await this.#look();
    }
  }

  async #look(): Promise<void> {
    const digest = await this.#digest();
    if (digest !== undefined && digest === this.#known) return;
    this.#logger.info("Configuration file change detected, reloading the configuration.");
    this.#reloading = true;
    const done = await this.#configuration.reload().then(
      () => true,
      () => false, // It has logged and counted the failure itself.
    );
    this.#reloading = false;
    if (done) this.#known = digest;
  }

  /** Logs the reason and returns undefined if a file cannot be read. */
  async #digest(): Promise<string | undefined> {
    try {
      return await configurationDigest(this.#file);
    } catch (error) {
      this.#logger.error("Failed to generate checksum during configuration reload", { err: error });
      return undefined;
    }
  }
}
