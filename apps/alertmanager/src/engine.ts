import {
  type AlertingMetrics,
  type AlertJournal,
  AlertStore,
  allRoutes,
  type ApiState,
  buildRoute,
  type Coordination,
  Dispatcher,
  Inhibitor,
  type MatcherMode,
  NotificationLog,
  type NotificationObserver,
  NotificationPipeline,
  type Route,
  Silences,
  type TimeInterval,
} from "@narthex/alerting";
import { diskFiles, type Environment } from "@narthex/config";
import type { SenderTools } from "@narthex/receivers";
import type { Clock, Logger } from "@narthex/runtime";
import { formatDuration } from "@narthex/model";
import { type OpenIntegrations, openIntegrations } from "./integrations.ts";
import type { TrialState } from "./trial-state.ts";
import { type LoadedConfig, loadConfig } from "./load-config.ts";

/** What outlives a reload. */
export interface EngineOptions {
  readonly configFile: string;
  /** Where `!env NAME` in the file looks. */
  readonly environment: Environment;
  readonly mode: MatcherMode;
  readonly alerts: AlertStore;
  readonly journal: AlertJournal;
  readonly silences: Silences;
  readonly log: NotificationLog;
  readonly coordination: Coordination;
  readonly observer: NotificationObserver;
  readonly metrics: AlertingMetrics;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly tools: SenderTools;
  readonly externalUrl: string;
  readonly notBefore: number;
  readonly maintenanceIntervalMs: number;
  readonly retentionMs: number;
}

/** One configuration in force. */
interface Running {
  readonly loaded: LoadedConfig;
  readonly integrations: OpenIntegrations;
  readonly dispatcher: Dispatcher;
  readonly inhibitor: Inhibitor;
  readonly route: Route;
  readonly intervals: ReadonlyMap<string, TimeInterval>;
}

/** Facts about the configuration in force, for metrics. */
export interface EngineFacts {
  readonly successful: boolean;
  /** Unix seconds of the last load that worked. */
  readonly loadedAt: number;
  readonly text: string;
  readonly receivers: number;
  readonly integrations: number;
  readonly inhibitRules: number;
}

/** Dispatching and notifying under the configuration in force; reload() exchanges it as a whole or not at all. */
export class Engine {
  readonly name = "engine";
  readonly #options: EngineOptions;
  #running: Running | undefined;
  #successful = false;
  #loadedAt = 0;
  #reloading: Promise<unknown> = Promise.resolve();

  constructor(options: EngineOptions) {
    this.#options = options;
  }

  /** Loads the file and puts it in force; the problems when it cannot. One reload at a time. */
  reload(): Promise<readonly string[]> {
    const next = this.#reloading.then(() => this.#load());
    this.#reloading = next.catch(() => undefined);
    return next;
  }

  async stop(): Promise<void> {
    await this.#reloading;
    await this.#stopRunning();
  }

  /** What the API shows. */
  state(): ApiState {
    const { loaded, integrations, dispatcher, inhibitor, route, intervals } = this.#running!;
    return {
      dispatcher,
      inhibitor,
      route,
      intervals,
      integrations: integrations.byReceiver,
      resolveTimeoutMs: loaded.config.global.resolveTimeoutMs,
      receivers: loaded.config.receivers.map(({ name, labels }) => ({ name, labels: Object.fromEntries(labels) })),
      configYaml: loaded.yaml,
    };
  }

  /** What receivers are tried with. */
  trials(): TrialState {
    const { loaded, dispatcher } = this.#running!;
    const { tools, externalUrl } = this.#options;
    return { receivers: loaded.config.receivers, renderer: loaded.renderer, dispatcher, tools, externalUrl };
  }

  facts(): EngineFacts {
    const config = this.#running?.loaded.config;
    const used = this.#running === undefined ? [] : [...this.#running.integrations.byReceiver.values()];
    return {
      successful: this.#successful,
      loadedAt: this.#loadedAt,
      text: this.#running?.loaded.text ?? "",
      receivers: used.length,
      integrations: used.flat().length,
      inhibitRules: config?.inhibitRules.length ?? 0,
    };
  }

  async #load(): Promise<readonly string[]> {
    const { configFile, mode, clock, logger, environment } = this.#options;
    logger.info("Loading configuration file", { file: configFile });
    const outcome = await loadConfig(configFile, { files: diskFiles, mode, now: () => clock.now(), environment });
    if (!outcome.ok) return this.#refuse(outcome.problems);
    for (const warning of outcome.loaded.warnings) logger.warn(warning);
    const route = buildRoute(outcome.loaded.config.route);
    const opened = await this.#open(outcome.loaded, route);
    if (typeof opened === "string") return this.#refuse([opened]);
    await this.#exchange(outcome.loaded, route, opened);
    this.#successful = true;
    this.#loadedAt = clock.now() / 1000;
    logger.info("Completed loading of configuration file", { file: configFile });
    return [];
  }

  #refuse(problems: readonly string[]): readonly string[] {
    const { configFile, logger } = this.#options;
    this.#successful = false;
    for (const problem of problems) {
      logger.error("Loading configuration file failed", { file: configFile, err: problem });
    }
    return problems;
  }

  /** The receivers' clients, or why one cannot be made: a certificate file that is not there. */
  async #open({ config, renderer }: LoadedConfig, route: Route): Promise<OpenIntegrations | string> {
    const { tools, externalUrl } = this.#options;
    const used = new Set(allRoutes(route).map(({ receiver }) => receiver));
    try {
      return await openIntegrations(config.receivers, used, { tools, renderer, externalUrl });
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  async #exchange(loaded: LoadedConfig, route: Route, integrations: OpenIntegrations): Promise<void> {
    const { alerts, clock, coordination, metrics, notBefore, maintenanceIntervalMs } = this.#options;
    const { config } = loaded;
    this.#warnOfIntervals(route);
    await this.#stopRunning();
    this.#options.journal.restore(config.global.resolveTimeoutMs);
    const inhibitor = new Inhibitor(config.inhibitRules);
    const intervals = new Map(
      [...config.muteTimeIntervals, ...config.timeIntervals].map((interval) => [interval.name, interval]),
    );
    const receivers = integrations.byReceiver;
    const pipeline = new NotificationPipeline({
      ...this.#options,
      inhibitor,
      intervals,
      receivers,
      random: Math.random,
    });
    const dispatcher = new Dispatcher({
      route,
      alerts,
      pipeline,
      coordination,
      clock,
      metrics,
      notBefore,
      maintenanceIntervalMs,
    });
    inhibitor.start(alerts);
    this.#running = { loaded, integrations, dispatcher, inhibitor, route, intervals };
    metrics.show(integrations.byReceiver);
    dispatcher.start();
  }

  #warnOfIntervals(route: Route): void {
    const { logger, retentionMs } = this.#options;
    for (const { repeatIntervalMs, groupIntervalMs, key } of allRoutes(route)) {
      const repeat = formatDuration(repeatIntervalMs);
      if (repeatIntervalMs > retentionMs) {
        logger.warn(
          "repeat_interval is greater than the data retention period. It can lead to notifications being repeated more often than expected.",
          { repeat_interval: repeat, retention: formatDuration(retentionMs), route: key },
        );
      }
      if (repeatIntervalMs < groupIntervalMs) {
        logger.warn(
          "repeat_interval is less than group_interval. Notifications will not repeat until the next group_interval.",
          { repeat_interval: repeat, group_interval: formatDuration(groupIntervalMs), route: key },
        );
      }
    }
  }

  async #stopRunning(): Promise<void> {
    const running = this.#running;
    if (running === undefined) return;
    running.inhibitor.stop();
    await running.dispatcher.stop();
    await running.integrations.close();
  }
}
