import { goMetrics, processMetrics } from "@narthex/exposition";
import { hostname, availableParallelism } from "node:os";
import {
  alertingMetrics,
  AlertStore,
  apiV2,
  importSnapshots,
  keptStateMetrics,
  leasedTurns,
  NotificationLog,
  RecurringSilences,
  Silences,
  toldEnds,
} from "@narthex/alerting";
import {
  activatedSockets,
  createHttpServer,
  ensureUiBundle,
  type HttpServer,
  metricsRoute,
  SelfMetrics,
  uiFolder,
} from "@narthex/http";
import type { Host, Lifecycle, RoleStart } from "@narthex/runtime";
import { type Bookkeeping, openBookkeeping } from "./bookkeeping.ts";
import { redirectUncleanPaths } from "./clean-paths.ts";
import { type Cluster, ClusterError, NO_CLUSTER, openCluster } from "./cluster.ts";
import { Engine } from "./engine.ts";
import { externalUrl, routePrefix } from "./external-url.ts";
import { FeatureError, type Features, readFeatures } from "./features.ts";
import type { flags as flagTable } from "./flags.ts";
import { receiverTestRoutes } from "./receiver-test-routes.ts";
import { countRequests } from "./request-metrics.ts";
import { limitTime } from "./request-timeout.ts";
import { stateMetrics } from "./state-metrics.ts";
import { storeMetrics } from "./store-metrics.ts";
import { openStores } from "./stores.ts";
import { templatePreviewRoutes } from "./template-preview-routes.ts";
import { webRoutes } from "./web-routes.ts";

type Role = RoleStart<typeof flagTable>;

/** What the role is made of, before its routes. */
interface Rooms {
  readonly alerts: AlertStore;
  readonly books: Bookkeeping;
  readonly silences: Silences;
  readonly recurringSilences: RecurringSilences;
  readonly log: NotificationLog;
  readonly engine: Engine;
  readonly cluster: Cluster;
  readonly self: SelfMetrics;
  readonly metrics: ReturnType<typeof alertingMetrics>;
  readonly features: Features;
  readonly prefix: string;
}

/** Starts state, configuration, dispatching and server in order; false after logging why the start ends here. */
export async function startParts(host: Host, role: Role, parts: Lifecycle): Promise<boolean> {
  const { flags, logger, build } = role;
  const startedAt = host.clock.now();
  logger.info("Starting Alertmanager", { version: build.version, narthex: build.narthex });
  const features = featuresOf(role);
  if (features === undefined) return false;
  let rooms: Rooms;
  try {
    rooms = await openRooms(host, role, parts, features);
  } catch (error) {
    if (!(error instanceof ClusterError)) throw error;
    logger.error(error.what, { err: error });
    return false;
  }
  if ((await rooms.engine.reload()).length > 0) return false;
  parts.add(rooms.engine);
  parts.add({ name: "maintenance", stop: maintain(host, role, rooms) });
  const stopListening = host.onReload(() => void rooms.engine.reload());
  parts.add({ name: "reload", stop: stopListening });
  void ensureUiBundle(uiFolder(host.env, import.meta.url), logger, host.stopping);
  const http = await createHttpServer({
    listen: flags["web.listen-address"],
    ...(flags["web.systemd-socket"] ? { descriptors: activatedSockets(host.env, process.pid) } : {}),
    webConfigFile: flags["web.config.file"],
    clock: host.clock,
    logger,
    wholeRouter: true,
  });
  await mountRoutes(http, host, role, { ...rooms, startedAt });
  parts.add(http);
  for (const address of await http.start()) logger.info("Listening on", { address });
  logger.info(http.tls ? "TLS is enabled." : "TLS is disabled.");
  return true;
}

/** What --enable-feature asks for; undefined after logging what is wrong with it. */
function featuresOf({ flags, logger }: Role): Features | undefined {
  try {
    return readFeatures(flags["enable-feature"], (message) => logger.warn(message));
  } catch (error) {
    if (!(error instanceof FeatureError)) throw error;
    logger.error("error parsing the feature flag list", { err: error.message });
    return undefined;
  }
}

async function openRooms(host: Host, role: Role, parts: Lifecycle, features: Features): Promise<Rooms> {
  const { mode } = features;
  const { flags, logger, build } = role;
  const stores = await openStores(host, role);
  const { clock } = host;
  parts.add({ name: "store", stop: () => stores.close() });
  const { database } = stores;
  // A client of one instance with its state in a file sees what it sees at Alertmanager.
  const self = new SelfMetrics({ showOurs: database !== undefined });
  if (database !== undefined) self.addSource(storeMetrics(database));
  const retentionMs = flags["data.retention"];
  const silences = await Silences.load({
    collection: stores.shared.collection("silences"),
    clock,
    logger,
    retentionMs,
    maxCount: flags["silences.max-silences"],
    maxBytes: flags["silences.max-silence-size-bytes"],
    logChanges: flags["log.silences"],
    metrics: keptStateMetrics(self, "silences", "silence"),
  });
  const durations = keptStateMetrics(self, "nflog", "notification log");
  // A sync of a slow disk after each notification would hold up all others; a power cut costs a repetition at most.
  const notifications = stores.shared.collection("notification_log", "process");
  const log = await NotificationLog.load(notifications, clock, retentionMs, durations);
  await importSnapshots({ folder: flags["storage.path"], store: stores.own, silences, log, clock, logger });
  const metrics = alertingMetrics(self, features);
  const alerts = new AlertStore(flags["alerts.per-alertname-limit"]);
  const shared = database === undefined ? {} : { endOf: toldEnds(log) };
  const books = await openBookkeeping({ stores, alerts, clock, logger, retentionMs, ...shared });
  parts.add({ name: "bookkeeping", stop: () => books.close() });
  // Instances of one database share it, and need not know each other.
  const cluster = database === undefined ? await openCluster(host, flags, logger, { silences, log, self }) : NO_CLUSTER;
  const recurringSilences = await RecurringSilences.start({
    collection: stores.shared.collection("recurring_silences"),
    silences,
    clock,
    logger,
  });
  parts.add(recurringSilences);
  parts.add(cluster);
  const external = externalUrl(flags["web.external-url"], flags["web.listen-address"][0]!, hostname());
  const engine = new Engine({
    configFile: flags["config.file"],
    environment: host.env,
    mode,
    alerts,
    journal: books.journal,
    silences,
    log,
    coordination: database === undefined ? cluster.coordination : leasedTurns(database.leases, log, clock),
    observer: books.observer,
    metrics,
    clock,
    logger,
    tools: { clock, userAgent: `Alertmanager/${build.version}`, hostname: hostname(), env: host.env },
    externalUrl: external,
    notBefore: clock.now() + flags["dispatch.start-delay"],
    maintenanceIntervalMs: flags["dispatch.maintenance-interval"],
    retentionMs,
  });
  const prefix = routePrefix(flags["web.route-prefix"], external);
  return { alerts, books, silences, recurringSilences, log, engine, cluster, self, metrics, features, prefix };
}

/** Forgets ended alerts, silences and log entries at their intervals; returns how to stop. */
function maintain(
  { clock }: Host,
  { flags, logger }: Role,
  { alerts, books, silences, log, engine }: Rooms,
): () => void {
  const cancels = new Map<string, () => void>();
  const every = (name: string, ms: number, run: () => Promise<void> | void): void => {
    const arm = (): void =>
      void cancels.set(
        name,
        clock.after(ms, () => {
          void Promise.resolve()
            .then(run)
            .catch((error: unknown) => logger.error("Maintenance failed", { part: name, err: error }))
            .finally(arm);
        }),
      );
    arm();
  };
  every("alerts", flags["alerts.gc-interval"], async () => {
    alerts.collect(clock.now());
    const { dispatcher } = engine.state();
    const awaited = new Set(dispatcher.groups().flatMap((group) => group.alerts().map((alert) => alert.fingerprint)));
    await books.journal.collect((fingerprint) => awaited.has(fingerprint));
  });
  every("state", flags["data.maintenance-interval"], async () => {
    await silences.collect();
    await log.collect();
    await books.collect();
  });
  return () => {
    for (const cancel of cancels.values()) cancel();
  };
}

async function mountRoutes(
  { app }: HttpServer,
  host: Host,
  { flags, build }: Role,
  rooms: Rooms & { readonly startedAt: number },
): Promise<void> {
  const { alerts, books, silences, log, engine, cluster, self, metrics, features, prefix, startedAt } = rooms;
  const { mode } = features;
  const { clock } = host;
  self.addSource(processMetrics(startedAt));
  self.addSource(goMetrics());
  const perAlertname = flags["alerts.per-alertname-limit"];
  self.addSource(stateMetrics({ engine, cluster, alerts, silences, log, clock, build, perAlertname, features }));
  const limit = flags["web.get-concurrency"] || Math.max(availableParallelism(), 8);
  redirectUncleanPaths(app, prefix);
  countRequests(app, self, { prefix, limit });
  limitTime(app, clock, flags["web.timeout"]);
  metricsRoute(app, `${prefix}/metrics`, self);
  const versionInfo = {
    branch: build.branch,
    buildDate: build.buildDate,
    buildUser: build.buildUser,
    goVersion: build.goVersion,
    revision: build.revision,
    version: build.version,
  };
  const api = apiV2({
    alerts,
    alertsKept: () => books.journal.kept(),
    silences,
    recurringSilences: rooms.recurringSilences,
    log,
    notificationHistory: books.notificationHistory,
    alertHistory: books.alertHistory,
    metrics,
    clock,
    mode,
    state: () => engine.state(),
    cluster: () => cluster.status(),
    startedAt,
    versionInfo,
    extensions: [receiverTestRoutes(() => engine.trials()), templatePreviewRoutes(() => engine.trials())],
  });
  await app.register(api, { prefix: `${prefix}/api/v2` });
  await webRoutes(app, { host, engine, prefix });
}
