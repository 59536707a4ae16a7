import { hostname } from "node:os";
import {
  allRoutes,
  type ApiState,
  buildRoute,
  type Coordination,
  Dispatcher,
  Inhibitor,
  NotificationPipeline,
  type Route,
  type TimeInterval,
} from "@narthex/alerting";
import { objectChecker } from "@narthex/alertmanager-config";
import { diskFiles } from "@narthex/config";
import type { Feature, MetricSource } from "@narthex/http";
import { formatDuration } from "@narthex/model";
import { RateLimits, type SenderTools } from "@narthex/receivers";
import { TimeSlice } from "@narthex/runtime";
import type { TrialState } from "../api/trial-state.ts";
import type { Cluster } from "../cluster/cluster.ts";
import type { Context } from "../context.ts";
import { KubernetesConfigs } from "../kubernetes-configs/kubernetes-configs.ts";
import { type CheckObject, type KubernetesConfigStatus } from "../kubernetes-configs/object-states.ts";
import type { StateStores } from "../state/state-stores.ts";
import { engineMetrics } from "./engine-metrics.ts";
import { type OpenIntegrations, openIntegrations } from "./integrations.ts";
import { type Configuration, configurationOf, isMadeOf } from "./configuration.ts";
import { loadConfig, type LoadedFile, type LoadOptions, type LoadOutcome, loadText } from "./load-config.ts";
import type { NotificationContextFeature } from "./notification-context.ts";

/** A configuration that is in use, with the objects (such as the dispatcher) that were created for it. */
interface Running {
  readonly loaded: Configuration;
  readonly integrations: OpenIntegrations;
  readonly dispatcher: Dispatcher;
  readonly inhibitor: Inhibitor;
  readonly route: Route;
  readonly intervals: ReadonlyMap<string, TimeInterval>;
  /** Earliest time of a notification, Unix ms. */
  readonly notBefore: number;
}

export interface EngineStats {
  readonly successful: boolean;
  /** Time of the last successful load, Unix seconds. */
  readonly loadedAt: number;
  readonly text: string;
  readonly receivers: number;
  readonly integrations: number;
  readonly inhibitRules: number;
}

/** Other features that the engine uses. */
interface EngineParts {
  readonly cluster: Pick<Cluster, "coordination">;
  readonly notificationContext: Pick<NotificationContextFeature, "contextOf">;
}

/**
 * Loads the configuration and opens an engine. If the configuration is invalid, logs its errors and resolves with
 * undefined.
 */
export async function openEngine(
  context: Context,
  state: StateStores,
  parts: EngineParts,
): Promise<Engine | undefined> {
  const engine = new Engine(context, state, parts);
  if ((await engine.reload()).length === 0) return engine;
  await engine.stop();
  return undefined;
}

/**
 * Groups alerts and sends notifications according to the current configuration. reload() replaces the configuration
 * completely or not at all.
 */
export class Engine implements Feature {
  readonly name = "engine";
  readonly #context: Context;
  readonly #state: StateStores;
  readonly #coordination: Coordination;
  readonly #contextOf: NotificationContextFeature["contextOf"];
  readonly #tools: SenderTools;
  /** Earliest time at which a notification may be sent after the start, Unix ms. */
  readonly #notBefore: number;
  readonly #kubernetes: KubernetesConfigs;
  /** The last valid configuration file, and the check of objects with its defaults. */
  #file: { readonly loaded: LoadedFile; readonly check: CheckObject } | undefined;
  #running: Running | undefined;
  #successful = false;
  #loadedAt = 0;
  #reloading: Promise<unknown> = Promise.resolve();

  constructor(context: Context, state: StateStores, { cluster, notificationContext }: EngineParts) {
    this.#context = context;
    this.#state = state;
    this.#coordination = cluster.coordination;
    this.#contextOf = notificationContext.contextOf;
    const { build, clock, flags, host, logger } = context;
    this.#notBefore = clock.now() + flags["dispatch.start-delay"];
    this.#tools = {
      clock,
      userAgent: `Alertmanager/${build.version}`,
      hostname: hostname(),
      env: host.env,
      rateLimits: new RateLimits(clock),
      logger,
    };
    this.#kubernetes = new KubernetesConfigs(context, () => void this.#applyObjects());
  }

  readonly metrics: readonly MetricSource[] = [() => engineMetrics(this, this.#state, this.#context)];

  /**
   * Loads the configuration file and uses it. Resolves with its problems; an empty list means success. Reloads run one
   * after the other.
   */
  reload(): Promise<readonly string[]> {
    return this.#inTurn(() => this.#load());
  }

  /** Checks a text as reload() checks the file. Nothing changes. */
  check(text: string): Promise<LoadOutcome> {
    return loadText(this.#context.flags["config.file"], text, this.#loading());
  }

  async stop(): Promise<void> {
    this.#kubernetes.stop();
    await this.#reloading;
    await this.#stopRunning();
  }

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

  /** Returns the resolved alerts whose receivers have not been notified of the resolution yet. */
  awaited(): ReturnType<Dispatcher["awaited"]> {
    return this.#running!.dispatcher.awaited();
  }

  trials(): TrialState {
    const { loaded, dispatcher } = this.#running!;
    const { externalUrl } = this.#context.web;
    return {
      receivers: loaded.config.receivers,
      renderer: loaded.renderer,
      dispatcher,
      tools: this.#tools,
      externalUrl,
    };
  }

  /** Returns the states of the AlertmanagerConfigs of Kubernetes. */
  kubernetesConfigs(): readonly KubernetesConfigStatus[] {
    return this.#kubernetes.statuses;
  }

  stats(): EngineStats {
    const config = this.#running?.loaded.config;
    const used = this.#running === undefined ? [] : [...this.#running.integrations.byReceiver.values()];
    return {
      successful: this.#successful,
      loadedAt: this.#loadedAt,
      text: this.#running?.loaded.identity ?? "",
      receivers: used.length,
      integrations: used.flat().length,
      inhibitRules: config?.inhibitRules.length ?? 0,
    };
  }

  #loading(): LoadOptions {
    const { clock, featureFlags, host } = this.#context;
    return { files: diskFiles, mode: featureFlags.mode, now: () => clock.now(), environment: host.env };
  }

  async #load(): Promise<readonly string[]> {
    const { clock, logger } = this.#context;
    const file = this.#context.flags["config.file"];
    logger.info("Loading configuration file", { file });
    const outcome = await loadConfig(file, this.#loading());
    if (!outcome.ok) return this.#refuse(outcome.problems);
    const { loaded } = outcome;
    for (const warning of loaded.warnings) logger.warn(warning);
    await this.#kubernetes.apply(loaded.config.kubernetesConfigs);
    const problem = await this.#use({ loaded, check: this.#objectCheck(loaded) });
    if (problem !== undefined) {
      if (this.#file !== undefined) await this.#kubernetes.apply(this.#file.loaded.config.kubernetesConfigs);
      return this.#refuse([problem]);
    }
    this.#successful = true;
    this.#loadedAt = clock.now() / 1000;
    this.#warnOfIntervals(buildRoute(loaded.config.route));
    logger.info("Completed loading of configuration file", { file });
    return [];
  }

  /** Uses the objects of Kubernetes as they are now, with the configuration file that is in use. */
  #applyObjects(): Promise<void> {
    return this.#inTurn(async () => {
      const { logger } = this.#context;
      const before = this.#running;
      if (this.#file === undefined || before === undefined) return;
      const problem = await this.#use(this.#file);
      if (problem !== undefined) logger.error("Changed AlertmanagerConfigs could not be applied", { err: problem });
      else if (this.#running !== before) {
        const accepted = this.#running?.loaded.objects.length;
        logger.info("AlertmanagerConfigs of Kubernetes are in use", { accepted });
      }
    }).catch((error: unknown) => {
      this.#context.logger.error("Changed AlertmanagerConfigs could not be applied", { err: error });
    });
  }

  /** Runs a change of the configuration after all earlier ones. */
  #inTurn<T>(change: () => Promise<T>): Promise<T> {
    const next = this.#reloading.then(change);
    this.#reloading = next.catch(() => undefined);
    return next;
  }

  /**
   * Uses a configuration file with the current objects of Kubernetes. Does nothing if both are in use already. Resolves
   * with the problem if this is impossible.
   */
  async #use(file: { readonly loaded: LoadedFile; readonly check: CheckObject }): Promise<string | undefined> {
    const { clock } = this.#context;
    const objects = await this.#kubernetes.accepted(file.check);
    const notBefore = Math.max(this.#notBefore, this.#kubernetes.holdUntil);
    const running = this.#running;
    const isUsed = running !== undefined && isMadeOf(running.loaded, file.loaded, objects);
    if (isUsed && running.notBefore === notBefore) return undefined;
    const configuration = await configurationOf(file.loaded, objects, clock);
    const route = buildRoute(configuration.config.route);
    const opened = await this.#open(configuration, route);
    if (typeof opened === "string") return opened;
    await this.#exchange(this.#assemble(configuration, route, opened, notBefore));
    this.#file = file;
    return undefined;
  }

  /** Returns the check of objects with the defaults and templates of a file. */
  #objectCheck({ config, renderer }: LoadedFile): CheckObject {
    const { featureFlags, logger } = this.#context;
    const warn = (message: string): void => logger.warn(message);
    const check = objectChecker(config, { mode: featureFlags.mode, warn });
    return async (settings) => {
      const outcome = check(settings);
      if (!outcome.ok) return outcome;
      const { receivers } = outcome.config;
      const names = new Set(receivers.map(({ name }) => name));
      try {
        const opened = await openIntegrations(receivers, names, { tools: this.#tools, renderer });
        await opened.close();
        return outcome;
      } catch (error) {
        return { ok: false, problems: [error instanceof Error ? error.message : String(error)] };
      }
    };
  }

  #refuse(problems: readonly string[]): readonly string[] {
    const { flags, logger } = this.#context;
    this.#successful = false;
    for (const problem of problems) {
      logger.error("Loading configuration file failed", { file: flags["config.file"], err: problem });
    }
    return problems;
  }

  /**
   * Opens the clients of receivers. Resolves with the reason if one cannot be created, for example because a
   * certificate file is missing.
   */
  async #open({ config, renderer }: Configuration, route: Route): Promise<OpenIntegrations | string> {
    const used = new Set(allRoutes(route).map(({ receiver }) => receiver));
    const slice = new TimeSlice(this.#context.clock);
    try {
      const context = { tools: this.#tools, renderer };
      return await openIntegrations(config.receivers, used, context, () => slice.yieldToEventLoop());
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  /**
   * Creates the objects for a new configuration without starting them. The objects of the current configuration
   * continue unchanged.
   */
  #assemble(loaded: Configuration, route: Route, integrations: OpenIntegrations, notBefore: number): Running {
    const { alertingMetrics: metrics, clock, flags, logger, web } = this.#context;
    const { acknowledgements, alerts, log, observer, silences } = this.#state;
    const coordination = this.#coordination;
    const { config } = loaded;
    const inhibitor = new Inhibitor(config.inhibitRules);
    const intervals = new Map(
      [...config.muteTimeIntervals, ...config.timeIntervals].map((interval) => [interval.name, interval]),
    );
    const receivers = integrations.byReceiver;
    const pipeline = new NotificationPipeline({
      inhibitor,
      silences,
      log,
      acknowledgements,
      intervals,
      receivers,
      coordination,
      observer,
      externalUrl: web.externalUrl,
      clock,
      logger,
      metrics,
      random: Math.random,
      contextOf: this.#contextOf,
    });
    const dispatcher = new Dispatcher({
      route,
      alerts,
      pipeline,
      coordination,
      clock,
      metrics,
      notBefore,
      maintenanceIntervalMs: flags["dispatch.maintenance-interval"],
    });
    return { loaded, integrations, dispatcher, inhibitor, route, intervals, notBefore };
  }

  /**
   * Stops the objects of the current configuration and starts those of the new one. Errors while stopping do not
   * prevent the start.
   */
  async #exchange(next: Running): Promise<void> {
    const { alertingMetrics: metrics, logger } = this.#context;
    const { alerts, journal } = this.#state;
    const { loaded, integrations, dispatcher, inhibitor } = next;
    await this.#stopRunning().catch((error: unknown) =>
      logger.error("The previous configuration could not be shut down without errors", { err: error }),
    );
    const awaited = this.#running?.dispatcher.awaited();
    journal.restore(loaded.config.global.resolveTimeoutMs);
    inhibitor.start(alerts);
    this.#running = next;
    metrics.show(integrations.byReceiver);
    dispatcher.start(awaited);
  }

  #warnOfIntervals(route: Route): void {
    const { flags, logger } = this.#context;
    const retentionMs = flags["data.retention"];
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

/** Returns the feature that reloads the configuration when the process receives a signal. */
export const reloadOnSignal = ({ host }: Context, engine: Engine): Feature => ({
  name: "reload",
  stop: host.onReload(() => void engine.reload()),
});
