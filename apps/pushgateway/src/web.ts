import { buildInfoFamily, goMetrics, processMetrics } from "@narthex/exposition";
import {
  activatedSockets,
  createHttpServer,
  ensureUiBundle,
  type Feature,
  type FeatureList,
  profileRoutes,
  redirectUncleanPaths,
  failedFileReloads,
  type RouteTable,
  serveDocs,
  serveUi,
  uiFolder,
} from "@narthex/http";
import type { PushGroups } from "@narthex/pushing";
import { profilePages, startListening } from "@narthex/runtime";
import type { Context } from "./context.ts";
import { lifecycleRoutes } from "./lifecycle-routes.ts";
import { answerPathsWithoutJob, routedUrl } from "./push-paths.ts";
import { countGatewayRequests, ownFamilies } from "./request-metrics.ts";

export interface Web extends Feature {
  readonly routeTable: RouteTable;
  /** Starts to listen. Must be called after all features were opened. */
  start(): Promise<void>;
}

/** Opens the web server for the features' routes, the web page and the metrics of the process itself. */
export async function openWeb(context: Context, features: FeatureList, groups: PushGroups): Promise<Web> {
  const { host, build, clock, flags, logger, metrics, routePrefix: prefix, startedAt } = context;
  metrics.addSource(processMetrics(startedAt));
  metrics.addSource(goMetrics());
  metrics.addSource(() => [buildInfoFamily(build)]);
  const uiRoot = uiFolder(host, import.meta.url);
  void ensureUiBundle(uiRoot, { clock, logger, signal: host.stopping });
  const http = await createHttpServer({
    listen: flags["web.listen-address"],
    webConfigFile: flags["web.config.file"],
    signInUrl: flags["web.sign-in-url"],
    routePrefix: prefix,
    externalUrl: flags["web.external-url"],
    disabled: {
      lifecycle: flags["web.enable-lifecycle"]
        ? undefined
        : (reply) => reply.code(403).send("Lifecycle API is not enabled."),
    },
    clock,
    logger,
    wholeRouter: true,
    shrinkWhenIdle: true,
    ...(flags["web.systemd-socket"] ? { descriptors: activatedSockets(host.env, process.pid) } : {}),
    routedAs: routedUrl,
  });
  const { app, webConfig } = http;
  metrics.addAlwaysShown(() => failedFileReloads([webConfig]));
  redirectUncleanPaths(app);
  answerPathsWithoutJob(app, prefix);
  countGatewayRequests(app, metrics, prefix);
  await features.mount(http);
  lifecycleRoutes(app, { prefix, groups, quit: () => host.requestStop() });
  profileRoutes(app, { pages: profilePages(host), prefix, below: "/debug/pprof/*", methods: ["GET"] });
  const page = { root: uiRoot, role: "pushgateway", title: "Narthex Pushgateway", paths: ["/", "/status"] } as const;
  await app.register((scope) => serveUi(scope, page), { prefix });
  await app.register((scope) => serveDocs(scope, { host, clock, logger }), { prefix });
  groups.setOwnFamilies(ownFamilies(await metrics.families()));
  return {
    name: "http",
    routeTable: http.routes,
    start: () => startListening(http, logger),
    stop: () => http.stop(),
  };
}
