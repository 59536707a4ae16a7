import { goMetrics, processMetrics } from "@narthex/exposition";
import { mkdirSync } from "node:fs";
import { hostname } from "node:os";
import { resolve } from "node:path";
import { DiscoveryManager, discoveryMechanisms, discoveryMetrics } from "@narthex/discovery";
import { createHttpServer, ensureUiBundle, type HttpServer, SelfMetrics, uiFolder } from "@narthex/http";
import { formatProblem, type PrometheusConfig } from "@narthex/config";
import { type ActiveQueryLog, type QueryLane, QueryLog } from "@narthex/querying";
import { alertmanagerSetName, Notifier, queryThrough, RuleManager, ruleMetrics, type RuleTimers } from "@narthex/rules";
import { type Host, Lifecycle, type RoleStart, stopRequested } from "@narthex/runtime";
import { ScrapeManager } from "@narthex/scrape";
import { FolderLockedError } from "@narthex/tsdb";
import { buildMetrics } from "./build-metrics.ts";
import { compactionOptions, refusedCompaction } from "./compaction.ts";
import { Configuration } from "./configuration.ts";
import { watchLanes } from "./engine-metrics.ts";
import { DEFAULT_EXEMPLARS } from "./effective-config.ts";
import { webAddress, type WebAddress } from "./external-url.ts";
import { type Features, queryFeatures, readFeatures, refusedFeatures } from "./features.ts";
import type { flags, ServerFlags } from "./flags.ts";
import { NOTICE, Notifications } from "./notifications.ts";
import { openQueryLanes } from "./query-lanes.ts";
import { registerRoutes } from "./register-routes.ts";
import { limitsOf, retentionOf } from "./retention.ts";
import { State } from "./state.ts";
import { floatEncodingOf, readsStartTimestamps, refusedEncoding, startTimestampOptions } from "./start-timestamps.ts";
import { ServerStorage } from "./storage.ts";
import { tsdbFamilies } from "./tsdb-metrics.ts";
import { watchConfiguration } from "./watch-configuration.ts";

const STOP_LIMIT_MS = 8000;

/** What the parts share. */
export interface Surroundings {
  readonly host: Host;
  readonly start: RoleStart<typeof flags>;
  readonly flags: ServerFlags;
  readonly features: Features;
  readonly metrics: SelfMetrics;
  readonly notifications: Notifications;
  readonly state: State;
  readonly userAgent: string;
}

/** The parts of a running server, as routes need them. */
export interface Parts {
  readonly configuration: Configuration;
  readonly storage: ServerStorage;
  readonly lanes: Readonly<Record<"queries" | "rules", QueryLane>>;
  readonly activeQueries: ActiveQueryLog;
  readonly queryLog: QueryLog;
  readonly scraping: ScrapeManager;
  readonly rules: RuleManager;
  readonly notifier: Notifier;
  readonly web: WebAddress;
}

/** Starts the parts in order, serves until told to stop, stops them in reverse. */
export async function runServer(host: Host, start: RoleStart<typeof flags>): Promise<number> {
  const { flags: values, logger, build } = start;
  const metrics = new SelfMetrics({ showOurs: values["web.enable-own-metrics"] });
  const notifications = new Notifications(host.clock, values["web.max-notifications-subscribers"]);
  const contradiction = refusedFeatures(values["enable-feature"]);
  if (contradiction !== undefined) {
    logger.error("Error parsing feature list", { err: contradiction });
    return 1;
  }
  const features = readFeatures(values["enable-feature"], logger);
  const around: Surroundings = {
    host,
    start,
    flags: values,
    features,
    metrics,
    notifications,
    state: new State(host.clock.now()),
    userAgent: `Prometheus/${build.version}`,
  };
  logger.info("Starting Narthex server", { mode: "server", version: build.version, narthex: build.narthex });
  const configuration = new Configuration({
    file: values["config.file"],
    env: host.env,
    discoveryKinds: discoveryMechanisms,
    extraScrapeMetrics: features.has("extra-scrape-metrics"),
    protobufFirst: readsStartTimestamps(features),
    parser: queryFeatures(features),
    clock: host.clock,
    logger,
    metrics,
    notifications,
  });
  const refusal = await configuration.read();
  if (refusal !== undefined) {
    for (const sentence of refusal.sentences)
      logger.error(refusal.message, { file: resolve(host.cwd, values["config.file"]), err: sentence });
    return 2;
  }
  const lifecycle = new Lifecycle({ clock: host.clock, logger, deadlineMs: STOP_LIMIT_MS });
  try {
    return await serve(around, configuration, lifecycle);
  } finally {
    around.state.phase = "stopping";
    await lifecycle.stop();
    logger.info("See you next time!");
  }
}

async function serve(around: Surroundings, configuration: Configuration, lifecycle: Lifecycle): Promise<number> {
  const { host, flags: values, start, notifications, state } = around;
  const { logger } = start;
  const http = await createHttpServer({
    listen: values["web.listen-address"],
    webConfigFile: values["web.config.file"],
    clock: host.clock,
    logger,
    maxConnections: values["web.max-connections"],
    readTimeoutMs: values["web.read-timeout"],
  });
  const web = webAddress(values["web.external-url"], values["web.route-prefix"], values["web.listen-address"][0]!);
  measureProcess(around);
  const storage = new ServerStorage();
  lifecycle.add({ name: "storage", stop: () => storage.close() });
  const parts = assemble(around, configuration, storage, web);
  lifecycle.add({ name: "query threads", stop: () => stopQueries(parts) });
  lifecycle.add({ name: "notifier", stop: () => parts.notifier.stop() });
  const discovery = discoveries(around, parts);
  lifecycle.add({ name: "rules", stop: () => parts.rules.stop() });
  lifecycle.add({ name: "scraping", stop: () => parts.scraping.stop() });
  lifecycle.add({ name: "discovery", stop: () => discovery.stop() });
  const uiRoot = uiFolder(host.env, import.meta.url);
  await registerRoutes(http.app, around, parts, uiRoot);
  lifecycle.add(http);
  // Before connections are waited for: a long query would hold up the end.
  lifecycle.add({ name: "queries", stop: () => parts.lanes.queries.close() });
  notifications.add(NOTICE.starting);
  const bundle = ensureUiBundle(uiRoot, logger, host.stopping);
  if (!(await listen(http, around)) || !(await open(around, configuration, storage))) return 1;
  parts.activeQueries.open(resolve(host.cwd, values["storage.tsdb.path"]));
  await bundle;
  await configuration.start(discovery.appliers);
  parts.rules.start();
  state.phase = "ready";
  notifications.remove(NOTICE.starting);
  logger.info("Server is ready to receive web requests.");
  const watched = values["config.auto-reload"] || around.features.has("auto-reload-config");
  const everyMs = watched ? values["config.auto-reload-interval"] : undefined;
  lifecycle.add(watchConfiguration({ host, logger, file: values["config.file"], everyMs }, configuration));
  await stopRequested(host);
  logger.warn("Received an OS signal, exiting gracefully...");
  notifications.add(NOTICE.stopping);
  return 0;
}

function measureProcess({ metrics, start, state, notifications }: Surroundings): void {
  metrics.addSource(processMetrics(state.startedAt));
  metrics.addSource(goMetrics());
  metrics.addSource(buildMetrics(start.build, () => state.phase === "ready", notifications));
}

async function listen(http: HttpServer, { start: { logger } }: Surroundings): Promise<boolean> {
  try {
    for (const address of await http.start()) logger.info("Listening on", { component: "web", address });
    logger.info(http.tls ? "TLS is enabled." : "TLS is disabled.", { component: "web" });
    return true;
  } catch (error) {
    logger.error("Unable to start web listener", { err: error });
    return false;
  }
}

/** Opens the data folder; false when another process has it. */
async function open(around: Surroundings, configuration: Configuration, storage: ServerStorage): Promise<boolean> {
  const { host, flags: values, start, features, metrics } = around;
  const { logger } = start;
  try {
    const refusal = refusedCompaction(values) ?? refusedEncoding(features, configuration.current);
    if (refusal !== undefined) {
      logger.error("Opening storage failed", { err: refusal });
      return false;
    }
    const folder = resolve(host.cwd, values["storage.tsdb.path"]);
    mkdirSync(folder, { recursive: true });
    const limits = limitsOf(retentionOf(values, configuration.current), folder);
    await storage.open(folder, {
      clock: host.clock,
      logger: logger.child({ component: "tsdb" }),
      retentionMs: limits.timeMs,
      retentionBytes: limits.sizeBytes,
      minBlockDurationMs: values["storage.tsdb.min-block-duration"],
      maxBlockDurationMs: values["storage.tsdb.max-block-duration"],
      mergeOverlappingBlocks: values["storage.tsdb.allow-overlapping-compaction"],
      blockReloadIntervalMs: values["storage.tsdb.block-reload-interval"],
      walCompression: values["storage.tsdb.wal-compression"] ? values["storage.tsdb.wal-compression-type"] : "none",
      walSegmentBytes: values["storage.tsdb.wal-segment-size"],
      walFsync: values["storage.tsdb.wal-fsync"],
      maxExemplars: exemplarsKept(features, configuration.current),
      ...compactionOptions(values, features, host.cwd, logger),
      outOfOrderTimeWindowMs: configuration.current.storage.outOfOrderTimeWindowMs,
      staleSeriesThreshold: configuration.current.storage.staleSeriesCompactionThreshold,
      ...startTimestampOptions(features, configuration.current),
      memorySnapshotOnShutdown: features.has("memory-snapshot-on-shutdown"),
      lockFile: !values["storage.tsdb.no-lockfile"],
      signal: host.stopping,
    });
    metrics.addSource(() => tsdbFamilies(storage.tsdb.collect()));
    return true;
  } catch (error) {
    if (host.stopping.aborted) return false;
    if (!(error instanceof FolderLockedError)) throw error;
    logger.error("Opening storage failed", { err: error });
    return false;
  }
}

const exemplarsKept = (features: Features, { storage }: PrometheusConfig): number =>
  features.has("exemplar-storage") ? (storage.maxExemplars ?? DEFAULT_EXEMPLARS) : 0;

function assemble(around: Surroundings, configuration: Configuration, storage: ServerStorage, web: WebAddress): Parts {
  const { host, flags: values, start, metrics, userAgent } = around;
  const { clock } = host;
  const { logger } = start;
  const opened = openQueryLanes(around, configuration, storage);
  const queryLog = new QueryLog(clock, logger.child({ component: "query engine" }));
  const lanes = watchLanes(opened.lanes, metrics, queryLog);
  const scraping = new ScrapeManager({
    appendable: storage.appendable,
    clock,
    logger,
    self: metrics,
    userAgent,
    hostname: hostname(),
    outside: {
      externalUrl: new URL(web.externalUrl),
      listenPort: Number(values["web.listen-address"][0]!.replace(/^.*:/, "")),
    },
    syncIntervalMs: values["scrape.discovery-reload-interval"],
    withMetadata: around.features.has("metadata-wal-records"),
    reading: {
      createdLines: readsStartTimestamps(around.features),
      typeAndUnitLabels: around.features.has("type-and-unit-labels"),
    },
    rhythm: { align: values["scrape.adjust-timestamps"], toleranceMs: values["scrape.timestamp-tolerance"] },
  });
  const notifier = new Notifier({
    clock,
    logger: logger.child({ component: "notifier" }),
    metrics,
    userAgent,
    queueCapacity: values["alertmanager.notification-queue-capacity"],
    batchSize: values["alertmanager.notification-batch-size"],
    drainOnShutdown: values["alertmanager.drain-notification-queue-on-shutdown"],
  });
  // The metrics ask the manager for its groups, and the manager needs the metrics' timers.
  const timers: RuleTimers = ruleMetrics(metrics, () => rules.groups);
  const rules = new RuleManager({
    clock,
    logger: logger.child({ component: "rule manager" }),
    query: queryThrough(({ group, ...order }) => lanes.rules.evaluate({ ...order, origin: { ruleGroup: group } })),
    parser: lanes.rules.features,
    storage: storage.appendable,
    history: storage.queryable,
    notify: (alerts) => notifier.send(alerts),
    timers,
    externalUrl: web.externalUrl,
    resendDelayMs: values["rules.alert.resend-delay"],
    restore: {
      outageToleranceMs: values["rules.alert.for-outage-tolerance"],
      gracePeriodMs: values["rules.alert.for-grace-period"],
    },
  });
  return { configuration, storage, lanes, activeQueries: opened.journal, queryLog, scraping, rules, notifier, web };
}

async function stopQueries({ lanes, activeQueries, queryLog }: Parts): Promise<void> {
  await Promise.all(Object.values(lanes).map((lane) => lane.close()));
  queryLog.close();
  activeQueries.close();
}

/** Discovery of scrape targets and of Alertmanagers, and everything that takes a new configuration, in order. */
function discoveries(
  around: Surroundings,
  { scraping, notifier, rules, storage, queryLog }: Parts,
): { appliers: Parameters<Configuration["start"]>[0]; stop(): void } {
  const { host, flags: values, start, metrics, userAgent, features } = around;
  const shared = {
    mechanisms: discoveryMechanisms,
    clock: host.clock,
    logger: start.logger,
    metrics: discoveryMetrics(metrics),
    userAgent,
  };
  const targets = new DiscoveryManager({ ...shared, name: "scrape", onTargets: (sets) => scraping.setTargets(sets) });
  const managers = new DiscoveryManager({
    ...shared,
    name: "notify",
    onTargets: (sets) => {
      for (const [name, groups] of sets) notifier.syncTargets(name, groups);
    },
  });
  return {
    appliers: [
      {
        name: "storage",
        apply(config) {
          const refusal = refusedEncoding(features, config);
          if (refusal !== undefined) throw new Error(refusal);
          storage.tsdb.applyFloatChunkEncoding(floatEncodingOf(features, config));
          const folder = resolve(host.cwd, values["storage.tsdb.path"]);
          storage.tsdb.applyRetention(limitsOf(retentionOf(values, config), folder));
          storage.tsdb.resizeExemplars(exemplarsKept(features, config));
          storage.tsdb.applyOutOfOrderTimeWindow(config.storage.outOfOrderTimeWindowMs);
          storage.tsdb.applyStaleSeriesThreshold(config.storage.staleSeriesCompactionThreshold);
        },
      },
      { name: "query_engine", apply: ({ global }) => queryLog.use(global.queryLogFile) },
      { name: "scrape", apply: (config) => scraping.apply(config) },
      {
        name: "scrape discovery",
        apply: ({ scrapeConfigs }) => targets.apply(new Map(scrapeConfigs.map((job) => [job.jobName, job]))),
      },
      { name: "notify", apply: ({ alerting, global }) => notifier.update(alerting, global.externalLabels) },
      {
        name: "notify discovery",
        apply: ({ alerting }) =>
          managers.apply(new Map(alerting.alertmanagers.map((entry, i) => [alertmanagerSetName(i), entry]))),
      },
      {
        name: "rules",
        async apply({ ruleFiles, global }) {
          const loaded = await rules.update({
            ruleFiles,
            scheme: global.metricNameValidationScheme,
            intervalMs: global.evaluationIntervalMs,
            queryOffsetMs: global.ruleQueryOffsetMs,
            externalLabels: global.externalLabels,
          });
          if (loaded.ok) return;
          const why = loaded.problems.map(formatProblem).join("; ");
          throw new Error(`error loading rules, previous rule set restored: ${why}`);
        },
      },
    ],
    stop() {
      targets.stop();
      managers.stop();
    },
  };
}
