import {
  type DiscoveryKind,
  formatProblem,
  loadPrometheusConfig,
  type Problem,
  type PrometheusConfig,
} from "@narthex/config";
import type { SelfMetrics } from "@narthex/http";
import type { ParserOptions } from "@narthex/promql";
import { loadRuleFiles } from "@narthex/rules";
import type { Clock, Logger } from "@narthex/runtime";
import { NOTICE, type Notifications } from "./notifications.ts";

/** A part that takes a new configuration. Throws when it cannot; the others are asked all the same. */
export interface Applier {
  readonly name: string;
  readonly apply: (config: PrometheusConfig) => Promise<void> | void;
}

interface Options {
  /** `--config.file`. */
  readonly file: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly discoveryKinds: readonly DiscoveryKind[];
  readonly extraScrapeMetrics: boolean;
  /** Jobs ask for protobuf first where nothing else is configured. */
  readonly protobufFirst?: boolean;
  /** What rules' expressions may contain. */
  readonly parser: ParserOptions;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: SelfMetrics;
  readonly notifications: Notifications;
}

/** What stood in the way of a configuration: the log line's words and one sentence per problem. */
export interface Refusal {
  readonly message: string;
  readonly sentences: readonly string[];
}

/** The configuration in force, and how a new one takes its place: read and checked whole, then applied part by part. */
export class Configuration {
  readonly #options: Options;
  #current: PrometheusConfig | undefined;
  #appliers: readonly Applier[] = [];
  #reloads: Promise<unknown> = Promise.resolve();
  #success = false;
  #succeededAt = 0;
  #warned: ReadonlySet<string> = new Set();
  readonly #listeners: (() => void)[] = [];

  constructor(options: Options) {
    this.#options = options;
    const { metrics } = options;
    const successful = metrics.gauge(
      "prometheus_config_last_reload_successful",
      "Whether the last configuration reload attempt was successful.",
    );
    const timestamp = metrics.gauge(
      "prometheus_config_last_reload_success_timestamp_seconds",
      "Timestamp of the last successful configuration reload.",
    );
    metrics.addSource(() => {
      successful.set(this.#success ? 1 : 0);
      timestamp.set(this.#succeededAt / 1000);
      return [];
    });
  }

  /** The configuration in force. Only after a successful `read`. */
  get current(): PrometheusConfig {
    return this.#current!;
  }

  get lastReload(): { readonly success: boolean; readonly time: number } {
    return { success: this.#success, time: this.#succeededAt };
  }

  /** Reads and checks the file with its scrape config and rule files, for the start. */
  async read(): Promise<Refusal | undefined> {
    const { file } = this.#options;
    const loaded = await this.#load();
    if ("message" in loaded) return loaded;
    const rules = await loadRuleFiles(loaded.ruleFiles, {
      scheme: loaded.global.metricNameValidationScheme,
      parser: this.#options.parser,
    });
    if (!rules.ok) {
      return {
        message: `Error loading rule file patterns from config (--config.file=${JSON.stringify(file)})`,
        sentences: rules.problems.map(formatProblem),
      };
    }
    this.#current = loaded;
    return undefined;
  }

  /** Names the parts, in the order in which they are asked, and gives them the configuration that was read. */
  async start(appliers: readonly Applier[]): Promise<void> {
    this.#appliers = appliers;
    await this.#apply(this.current);
  }

  /** Calls back after each reload that succeeded. */
  onReload(run: () => void): void {
    this.#listeners.push(run);
  }

  /** Reads the file again and applies it. Rejects with the sentence for the client; the old one then stays in force. */
  reload(): Promise<void> {
    const done = this.#reloads.then(() => this.#reload());
    this.#reloads = done.catch(() => undefined);
    return done;
  }

  async #reload(): Promise<void> {
    const { logger, notifications, file } = this.#options;
    logger.info("Loading configuration file", { filename: file });
    try {
      const loaded = await this.#load();
      if ("message" in loaded) {
        throw new Error(
          `couldn't load configuration (--config.file=${JSON.stringify(file)}): ${loaded.sentences.join("\n")}`,
        );
      }
      await this.#apply(loaded);
      notifications.remove(NOTICE.reloadFailed);
      logger.info("Completed loading of configuration file", { filename: file });
      for (const run of this.#listeners) run();
    } catch (error) {
      this.#success = false;
      notifications.add(NOTICE.reloadFailed);
      logger.error("Error reloading config", { err: error });
      throw error;
    }
  }

  async #load(): Promise<PrometheusConfig | Refusal> {
    const { file, env, discoveryKinds, extraScrapeMetrics, protobufFirst = false, logger } = this.#options;
    const loaded = await loadPrometheusConfig(file, { env, discoveryKinds, extraScrapeMetrics, protobufFirst });
    if (!loaded.ok) {
      const own = loaded.problems[0]?.file === file;
      const message = own
        ? `Error loading config (--config.file=${file})`
        : `Error loading dynamic scrape config files from config (--config.file=${JSON.stringify(file)})`;
      return { message, sentences: loaded.problems.map((problem: Problem) => formatProblem(problem)) };
    }
    for (const warning of loaded.warnings) if (!this.#warned.has(warning)) logger.warn("Configuration", { warning });
    this.#warned = new Set(loaded.warnings);
    return loaded.value;
  }

  /** Asks every part, even after one failed, as the original does. */
  async #apply(config: PrometheusConfig): Promise<void> {
    const { logger, clock, file } = this.#options;
    const failures: string[] = [];
    for (const { name, apply } of this.#appliers) {
      try {
        await apply(config);
      } catch (error) {
        failures.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
        logger.error("Failed to apply configuration", { part: name, err: error });
      }
    }
    this.#current = config;
    if (failures.length > 0) {
      const what = "one or more errors occurred while applying the new configuration";
      throw new Error(`${what} (--config.file=${JSON.stringify(file)}): ${failures.join("; ")}`);
    }
    this.#success = true;
    this.#succeededAt = clock.now();
  }
}
