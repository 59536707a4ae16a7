import { availableParallelism } from "node:os";
import { buildInfoFamily, goMetrics, processMetrics } from "@narthex/exposition";
import {
  activatedSockets,
  createHttpServer,
  ensureUiBundle,
  type Feature,
  type FeatureList,
  type HttpServer,
  metricsRoute,
  redirectUncleanPaths,
  type RouteTable,
  serveDocs,
  failedFileReloads,
} from "@narthex/http";
import { startListening } from "@narthex/runtime";
import type { Cluster } from "../cluster/cluster.ts";
import type { Context } from "../context.ts";
import type { Engine } from "../dispatching/engine.ts";
import { countRequests } from "./request-metrics.ts";
import { limitTime } from "./request-timeout.ts";
import { redirectFolders, webRoutes } from "./web-routes.ts";

interface WebOptions {
  readonly cluster: Cluster;
  readonly engine: Engine;
  /** Folder that contains the built UI. */
  readonly uiRoot: string;
}

export interface Web extends Feature {
  /** The routes of all features, with the access that each requires. */
  readonly routeTable: RouteTable;
  /** Starts to listen. Must be called when all features are open. */
  start(): Promise<void>;
}

/** Opens the web server for the routes of features, the pages and /metrics. */
export async function openWeb(context: Context, features: FeatureList, options: WebOptions): Promise<Web> {
  const { host, clock, flags, logger, web } = context;
  const { uiRoot } = options;
  void ensureUiBundle(uiRoot, { clock, logger, signal: host.stopping });
  const http = await createHttpServer({
    listen: flags["web.listen-address"],
    ...(flags["web.systemd-socket"] ? { descriptors: activatedSockets(host.env, process.pid) } : {}),
    webConfigFile: flags["web.config.file"],
    signInUrl: flags["web.sign-in-url"],
    externalUrl: web.externalUrl,
    routePrefix: web.routePrefix,
    clock,
    logger,
    wholeRouter: true,
    shrinkWhenIdle: true,
  });
  showOwnMetrics(context, http, options.cluster);
  const { app } = http;
  const limit = flags["web.get-concurrency"] || Math.max(availableParallelism(), 8);
  redirectFolders(app, web.routePrefix);
  redirectUncleanPaths(app);
  countRequests(app, context.metrics, { prefix: web.routePrefix, limit });
  limitTime(app, clock, flags["web.timeout"]);
  await features.mount(http);
  await webRoutes(app, { host, engine: options.engine, prefix: web.routePrefix, uiRoot });
  await app.register((scope) => serveDocs(scope, { host, clock, logger }), { prefix: web.routePrefix });
  return {
    name: "http",
    routeTable: http.routes,
    start: () => startListening(http, logger),
    stop: () => http.stop(),
  };
}

/** Adds the metrics of the process itself. */
function showOwnMetrics({ build, metrics, startedAt, web }: Context, http: HttpServer, { tlsFile }: Cluster): void {
  const buildInfo = buildInfoFamily(build);
  metrics.addSource(processMetrics(startedAt));
  metrics.addSource(goMetrics());
  metrics.addSource(() => [buildInfo]);
  metrics.addAlwaysShown(() => failedFileReloads([http.webConfig, tlsFile]));
  metricsRoute(http.app, `${web.routePrefix}/metrics`, metrics);
}
