import { resolve } from "node:path";
import type { Host, Logger, Part } from "@narthex/runtime";
import type { Configuration } from "./configuration.ts";
import { configurationDigest } from "./configuration-digest.ts";

interface WatchOptions {
  readonly host: Pick<Host, "onReload" | "clock" | "cwd">;
  readonly logger: Logger;
  /** Value of `--config.file`. */
  readonly file: string;
  /**
   * Interval in ms at which the configuration files are checked for changes. Undefined if only a signal causes a
   * reload.
   */
  readonly everyMs: number | undefined;
  /** Patterns of further files whose changes cause a reload. */
  readonly otherFiles: readonly string[];
}

/** Reloads the configuration on SIGHUP. With `everyMs`, also reloads it after a change of a file. */
export function watchConfiguration(
  { host, logger, file, everyMs, otherFiles }: WatchOptions,
  configuration: Pick<Configuration, "reload" | "onReload">,
): Part {
  // Ignores the error of the reload, because the configuration has already logged and counted it.
  const stopListening = host.onReload(() => void configuration.reload().catch(() => undefined));
  const stop = new AbortController();
  if (everyMs !== undefined) {
    const watch = new FileWatch(() => configurationDigest(resolve(host.cwd, file), otherFiles), logger, configuration);
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

/**
 * Checks at intervals whether the configuration files differ from the loaded files. Reloads the configuration if they
 * differ.
 */
class FileWatch {
  readonly #digestOf: () => Promise<string>;
  readonly #logger: Logger;
  readonly #configuration: Pick<Configuration, "reload" | "onReload">;
  #known: string | undefined;
  /** Whether this file watch has started the current reload. It then knows the digest of the new files. */
  #reloading = false;

  constructor(
    digestOf: () => Promise<string>,
    logger: Logger,
    configuration: Pick<Configuration, "reload" | "onReload">,
  ) {
    this.#digestOf = digestOf;
    this.#logger = logger;
    this.#configuration = configuration;
  }

  async run(everyMs: number, clock: Host["clock"], signal: AbortSignal): Promise<void> {
    this.#known = await this.#digest();
    // Remembers the digest of the configuration files after a reload that a signal or request has started.
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
      // Ignores the error, because reload() has already logged and counted it.
      () => false,
    );
    this.#reloading = false;
    if (done) this.#known = digest;
  }

  /** Returns the digest of the configuration files. If a file cannot be read, logs the reason and returns undefined. */
  async #digest(): Promise<string | undefined> {
    try {
      return await this.#digestOf();
    } catch (error) {
      this.#logger.error("Failed to generate checksum during configuration reload", { err: error });
      return undefined;
    }
  }
}
