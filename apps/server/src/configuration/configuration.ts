import {
  type DiscoveryKind,
  formatProblem,
  loadPrometheusConfig,
  type Problem,
  type PrometheusConfig,
  type ScrapeConfig,
} from "@narthex/config";
import { discoverers, jobDiscoveryKinds } from "@narthex/discovery";
import type { SelfMetrics } from "@narthex/http";
import type { ParserOptions } from "@narthex/promql";
import { loadRuleFiles } from "@narthex/rules";
import type { Clock, Logger, PreparedChange } from "@narthex/runtime";
import { type FeatureFlags, queryFeatures } from "../feature-flags.ts";
import type { Applier } from "../server-feature.ts";
import type { ServerFlags } from "../flags.ts";
import { readsStartTimestamps } from "../storage/start-timestamps.ts";
import { NOTICE, type Notices } from "../web/notices.ts";

interface ConfigurationOptions {
  /** Value of `--config.file`. */
  readonly file: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly discoveryKinds: readonly DiscoveryKind[];
  readonly jobDiscoveryKinds?: readonly DiscoveryKind[];
  readonly extraScrapeMetrics: boolean;
  /** Whether scrape jobs prefer protobuf if their configuration has no `scrape_protocols`. */
  readonly protobufFirst?: boolean;
  /** Whether the server runs in agent mode, in which some settings are refused. */
  readonly agent?: boolean;
  readonly parser: ParserOptions;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: SelfMetrics;
  readonly notices: Notices;
}

export const configurationOptions = (
  flags: ServerFlags,
  featureFlags: FeatureFlags,
): Pick<
  ConfigurationOptions,
  "agent" | "discoveryKinds" | "extraScrapeMetrics" | "file" | "jobDiscoveryKinds" | "parser" | "protobufFirst"
> => ({
  file: flags["config.file"],
  agent: flags.agent,
  discoveryKinds: discoverers,
  jobDiscoveryKinds,
  extraScrapeMetrics: featureFlags.has("extra-scrape-metrics"),
  protobufFirst: readsStartTimestamps(featureFlags),
  parser: queryFeatures(featureFlags),
});

export class ConfigurationError extends Error {
  override readonly name = "ConfigurationError";
}

/** The reason why a configuration could not be loaded: the message for the log, and a sentence for each problem. */
export interface LoadFailure {
  readonly message: string;
  readonly sentences: readonly string[];
}

/**
 * The current configuration. A reload reads and checks the file, lets every feature prepare, and applies the new
 * configuration only if all features accept it.
 */
export class Configuration {
  readonly #options: ConfigurationOptions;
  #current: PrometheusConfig | undefined;
  #appliers: readonly Applier[] = [];
  /** Scrape jobs from Kubernetes monitors, which are applied in addition to the jobs of the configuration file. */
  #foundJobs: readonly ScrapeConfig[] = [];
  #reloads: Promise<unknown> = Promise.resolve();
  #success = false;
  #succeededAt = 0;
  #warned: ReadonlySet<string> = new Set();
  readonly #listeners: (() => void)[] = [];

  constructor(options: ConfigurationOptions) {
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

  /** The current configuration. Available after `read` has succeeded. */
  get current(): PrometheusConfig {
    return this.#current!;
  }

  get lastReload(): { readonly success: boolean; readonly time: number } {
    return { success: this.#success, time: this.#succeededAt };
  }

  /**
   * Reads and checks the configuration file, and the scrape config and rule files that it names. Resolves with the
   * failure, if there is one.
   */
  async read(): Promise<LoadFailure | undefined> {
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

  /** Passes the configuration that was read to the appliers in order. Rejects with their errors. */
  async start(appliers: readonly Applier[]): Promise<void> {
    this.#appliers = appliers;
    const done = this.#apply(this.current);
    this.#reloads = done.catch(() => undefined);
    await done;
  }

  /**
   * Sets the discovered scrape jobs, which are applied together with the jobs of the configuration file, also after
   * reloads. If two jobs have the same name, the job of the file is used. Rejects with the appliers' errors, and then
   * keeps the previous jobs.
   */
  setFoundJobs(jobs: readonly ScrapeConfig[]): Promise<void> {
    const done = this.#reloads.then(async () => {
      const takers = this.#appliers.filter(({ takesFoundJobs }) => takesFoundJobs === true);
      for (const change of await this.#prepare(withJobs(this.current, jobs), takers)) await change.apply();
      this.#foundJobs = jobs;
    });
    this.#reloads = done.catch(() => undefined);
    return done;
  }

  /** Registers a callback that runs after each successful reload of the configuration. */
  onReload(run: () => void): void {
    this.#listeners.push(run);
  }

  /**
   * Reads the configuration file again and applies it. If it is invalid, rejects with an error for the client and keeps
   * the old configuration.
   */
  reload(): Promise<void> {
    const done = this.#reloads.then(() => this.#reload());
    this.#reloads = done.catch(() => undefined);
    return done;
  }

  async #reload(): Promise<void> {
    const { logger, notices, file } = this.#options;
    logger.info("Loading configuration file", { filename: file });
    try {
      const loaded = await this.#load();
      if ("message" in loaded) {
        throw new Error(
          `couldn't load configuration (--config.file=${JSON.stringify(file)}): ${loaded.sentences.join("\n")}`,
        );
      }
      await this.#apply(loaded);
      notices.remove(NOTICE.reloadFailed);
      logger.info("Completed loading of configuration file", { filename: file });
      for (const run of this.#listeners) run();
    } catch (error) {
      this.#success = false;
      notices.add(NOTICE.reloadFailed);
      logger.error("Error reloading config", { err: error });
      throw error;
    }
  }

  async #load(): Promise<PrometheusConfig | LoadFailure> {
    const {
      file,
      env,
      discoveryKinds,
      jobDiscoveryKinds: jobKinds = [],
      extraScrapeMetrics,
      protobufFirst = false,
      agent = false,
      logger,
    } = this.#options;
    const kinds = { discoveryKinds, jobDiscoveryKinds: jobKinds };
    const loaded = await loadPrometheusConfig(file, { env, agent, ...kinds, extraScrapeMetrics, protobufFirst });
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

  async #apply(config: PrometheusConfig): Promise<void> {
    const whole = withJobs(config, this.#foundJobs);
    for (const change of await this.#prepare(whole, this.#appliers)) await change.apply();
    this.#current = config;
    this.#success = true;
    this.#succeededAt = this.#options.clock.now();
  }

  /**
   * Lets every applier (a part of the server that uses the configuration) prepare for a new configuration, even after
   * one has refused it, so that all problems are reported together. The old configuration stays in use.
   */
  async #prepare(config: PrometheusConfig, appliers: readonly Applier[]): Promise<readonly PreparedChange[]> {
    const { logger, file } = this.#options;
    const changes: PreparedChange[] = [];
    const failures: string[] = [];
    for (const { name, prepare } of appliers) {
      try {
        changes.push(await prepare(config));
      } catch (error) {
        failures.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
        logger.error("Failed to apply configuration", { part: name, err: error });
      }
    }
    if (failures.length === 0) return changes;
    for (const change of changes) await change.discard();
    const what = "one or more errors occurred while applying the new configuration";
    throw new ConfigurationError(`${what} (--config.file=${JSON.stringify(file)}): ${failures.join("; ")}`);
  }
}

/**
 * Returns the configuration with additional discovered scrape jobs. If two jobs have the same name, the configuration's
 * own job is used.
 */
function withJobs(config: PrometheusConfig, found: readonly ScrapeConfig[]): PrometheusConfig {
  if (found.length === 0) return config;
  const own = new Set(config.scrapeConfigs.map(({ jobName }) => jobName));
  return { ...config, scrapeConfigs: [...config.scrapeConfigs, ...found.filter(({ jobName }) => !own.has(jobName))] };
}
