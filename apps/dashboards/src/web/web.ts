import { buildInfoFamily, goMetrics, processMetrics } from "@narthex/exposition";
import {
  activatedSockets,
  compressAnswers,
  createHttpServer,
  ensureUiBundle,
  failedFileReloads,
  type Feature,
  type FeatureList,
  type HttpServer,
  metricsRoute,
  observeAnswers,
  profileRoutes,
  serveDocs,
  serveUi,
} from "@narthex/http";
import { profilePages, startListening } from "@narthex/runtime";
import { guardPlaces } from "../access/guard-places.ts";
import { visibleAccountsIn } from "../access/visible-accounts.ts";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Audit } from "../audit/audit.ts";
import type { Auth } from "../auth/auth.ts";
import { giveRights, needs } from "../auth/rights.ts";
import type { Context } from "../context.ts";
import type { Dashboards } from "../dashboards/dashboards.ts";
import type { Sources } from "../datasources/sources.ts";
import type { Renderer } from "../rendering/renderer.ts";
import { settingsAddress } from "../settings/listen-address.ts";
import type { Stores } from "../state/stores.ts";
import { frontendSettingsRoute } from "./frontend-settings.ts";
import { webConfigFile } from "./web-config-file.ts";
import { healthRoutes } from "./health-routes.ts";
import { askForScraper } from "./metrics-access.ts";
import { openingAnswers } from "./opening-answers.ts";
import { PAGE_PATHS, pageRight } from "./page-paths.ts";
import { withoutSubPath } from "./public-address.ts";
import { useRefusals } from "./refusal.ts";
import { type Counted, serverInfoRoutes } from "./server-info.ts";
import { pagePlaceholders } from "./page-placeholders.ts";
import { enforceDomain } from "./own-domain.ts";
import { setResponseHeaders } from "./response-headers.ts";
import { navigationOf, sourcePages } from "./source-pages.ts";

export interface Web extends Feature {
  readonly app: FastifyInstance;
  /** Starts to listen for connections. Must be called when all features are open. */
  start(): Promise<void>;
}

interface WebOptions {
  readonly features: FeatureList;
  readonly audit: Audit;
  readonly auth: Auth;
  readonly stores: Stores;
  readonly sources: Sources;
  readonly dashboards: Dashboards;
  readonly playlists: Counted;
  readonly snapshots: Counted;
  readonly renderer: Renderer;
  /** Folder that contains the built UI. */
  readonly uiRoot: string;
}

/** Opens the server for the features' routes, the pages and the process's own metrics. */
export async function openWeb(
  context: Context,
  { features, audit, auth, stores, sources, dashboards, playlists, snapshots, renderer, uiRoot }: WebOptions,
): Promise<Web> {
  const { host, clock, flags, logger, settings, address } = context;
  void ensureUiBundle(uiRoot, { clock, logger, signal: host.stopping });
  const listen = flags["web.listen-address"];
  const routedAs = withoutSubPath(address);
  const http = await createHttpServer({
    listen: listen.length > 0 ? listen : [settingsAddress(settings)],
    webConfigFile: webConfigFile(context),
    isHealthCheck: (url) => /^\/(?:api\/health|healthz)(?:\?|$)/.test(routedAs(url)),
    clock,
    logger,
    routedAs,
    shrinkWhenIdle: true,
    ...(flags["web.systemd-socket"] ? { descriptors: activatedSockets(host.env, process.pid) } : {}),
  });
  const { app } = http;
  showOwnMetrics(context, http);
  setResponseHeaders(app, settings);
  app.unknownPathPages?.push(answerUnknownPaths);
  refuseUnknownRequests(app);
  await app.register(async (scope) => {
    useRefusals(scope);
    audit.observe(scope);
    enforceDomain(scope, settings, address);
    auth.guard(scope);
    guardPlaces(scope, {
      place: dashboards.visible,
      source: sources.visible,
      "service-account": visibleAccountsIn(auth.serviceAccounts),
    });
    if (settings["server.enable_gzip"]) compressAnswers(scope);
    await features.mount({ ...http, app: scope });
    healthRoutes(scope, context, stores);
    frontendSettingsRoute(scope, context, { open: [auth.frontend], parts: [sources.frontend] });
    serverInfoRoutes(scope, context, { auth, dashboards, sources, playlists, snapshots });
    await ownRoutes(scope, context);
    sourcePages(scope, sources.visible, { uiRoot, placeholders: pagePlaceholders(settings) });
    await docs(scope, context);
    await pages(scope, context, { uiRoot, sources });
  });
  return {
    name: "http",
    app,
    start: () => startListening({ tls: http.tls, start: () => startRendering(http, renderer) }, logger),
    stop: () => http.stop(),
  };
}

/** Binds the server's addresses, and passes them to the renderer, whose browser opens pages there. */
async function startRendering(http: HttpServer, renderer: Renderer): Promise<readonly string[]> {
  const addresses = await http.start();
  renderer.listensAt(addresses, http.tls);
  return addresses;
}

/** Serves the documentation, which is the same for every installation, so it can be read without a login. */
const docs = async (app: FastifyInstance, { host, clock, logger }: Context): Promise<void> => {
  await app.register(async (scope) => {
    giveRights(scope, () => needs("open"));
    await serveDocs(scope, { host, clock, logger });
  });
};

interface PagesOptions {
  readonly uiRoot: string;
  readonly sources: Sources;
}

const pages = async (
  app: FastifyInstance,
  { settings }: Context,
  { uiRoot: root, sources }: PagesOptions,
): Promise<void> => {
  await app.register(async (scope) => {
    giveRights(scope, (url) => needs(pageRight(url)));
    await serveUi(scope, {
      root,
      role: "dashboards",
      title: "Narthex",
      paths: PAGE_PATHS,
      placeholders: (request) => ({
        ...pagePlaceholders(settings),
        STACK_PLACEHOLDER: navigationOf(sources.visibleOnPages(request)),
      }),
      answers: openingAnswers,
    });
  });
};

async function ownRoutes(app: FastifyInstance, { host, settings, metrics }: Context): Promise<void> {
  await app.register(async (scope) => {
    // Only admins of the server may read profiles, because they contain the command line of the process, which may
    // contain passwords.
    giveRights(scope, () => needs("server-admin", "server.profiles:read"));
    profileRoutes(scope, { pages: profilePages(host), prefix: "", below: "/debug/pprof/*", methods: ["GET"] });
  });
  if (settings["metrics.enabled"]) {
    await app.register(async (scope) => {
      giveRights(scope, () => needs("open"));
      askForScraper(scope, settings);
      metricsRoute(scope, "/metrics", metrics);
    });
  }
  app.get("/robots.txt", needs("open"), (_request, reply) =>
    reply.type("text/plain; charset=utf-8").send("User-agent: *\nDisallow: /\n"),
  );
}

/** Answers requests to unknown paths: a browser gets an error page, other clients get JSON. */
function answerUnknownPaths(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> | undefined {
  const isPage = request.method === "GET" && /\btext\/html\b/.test(request.headers.accept ?? "");
  if (isPage) return undefined;
  return sendNotFound(reply);
}

/**
 * Refuses requests to unknown paths before reading their body, which may be large and come from anyone. An API request
 * with an unsupported method gets the same response as one to an unknown path, as in Grafana.
 */
function refuseUnknownRequests(app: FastifyInstance): void {
  app.addHook("onRequest", async (request, reply) => {
    if (!request.is404) return undefined;
    if ((request.method !== "GET" && request.method !== "HEAD") || isOfApi(request.url)) return sendNotFound(reply);
    return undefined;
  });
}

const isOfApi = (url: string): boolean => /^\/apis?\//.test(url);

async function sendNotFound(reply: FastifyReply): Promise<FastifyReply> {
  return reply.code(404).send({ message: "Not found" });
}

function showOwnMetrics({ build, metrics, startedAt }: Context, { app, webConfig }: HttpServer): void {
  metrics.addSource(processMetrics(startedAt));
  metrics.addSource(goMetrics());
  metrics.addSource(() => [buildInfoFamily(build)]);
  metrics.addAlwaysShown(() => failedFileReloads([webConfig]));
  const seconds = metrics.histogram(
    "grafana_http_request_duration_seconds",
    "Histogram of latencies for HTTP requests.",
    [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25],
    ["handler", "method", "status_code"],
  );
  observeAnswers(app, ({ route, method, code, seconds: took }) => {
    seconds.observe({ handler: route, method: method.toUpperCase(), status_code: code }, took);
  });
}
