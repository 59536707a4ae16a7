import { goMetrics, processMetrics } from "@narthex/exposition";
import {
  access,
  createHttpServer,
  ensureUiBundle,
  goJson,
  type HttpServer,
  metricsRoute,
  problemFields,
  profileRoutes,
  serveDocs,
  failedFileReloads,
} from "@narthex/http";
import { profilePages, startListening } from "@narthex/runtime";
import type { FastifyInstance } from "fastify";
import type { Context } from "../context.ts";
import { type ServerFeature, StartError } from "../server-feature.ts";
import type { ConsolesFeature } from "../consoles/consoles.ts";
import type { QueryingFeature } from "../querying/querying.ts";
import { buildMetrics } from "./build-metrics.ts";
import { connectionFamilies, dialFamilies } from "./connection-metrics.ts";
import { capabilityRoute } from "./capability-route.ts";
import { disabledAccess } from "./disabled-access.ts";
import { lifecycleRoutes } from "./lifecycle-routes.ts";
import { noticeRoutes } from "./notice-routes.ts";
import { NOTICE } from "./notices.ts";
import { mountRoutes } from "./router.ts";
import { openApiRoute } from "../openapi/openapi-route.ts";
import { selfMetricsRoute } from "./self-metrics-route.ts";
import { buildData, statusRoutes } from "./status-routes.ts";
import { uiRoutes } from "./ui-routes.ts";

/**
 * Delay in ms between the server's readiness and the check whether the UI must be built. Only servers that run from a
 * source checkout make this check.
 */
const UI_CHECK_MS = 500;

interface Uses {
  /** Whether the server runs in agent mode, in which samples are forwarded and cannot be queried. */
  readonly isAgent: boolean;
  readonly corruptions: () => number;
  /** The querying feature; undefined in agent mode. */
  readonly querying?: QueryingFeature;
  readonly consoles: ConsolesFeature;
  /** All features. Their routes are mounted when the server starts to listen. */
  readonly features: Iterable<ServerFeature>;
}

/** Adds the web server, with the routes of all features and routes about the server itself. */
export async function openWeb(
  context: Context,
  { isAgent, corruptions, querying, consoles, features }: Uses,
): Promise<ServerFeature> {
  const { host, clock, logger, build, flags, metrics, notices, state, web } = context;
  const http = await createHttpServer({
    listen: flags["web.listen-address"],
    webConfigFile: flags["web.config.file"],
    signInUrl: flags["web.sign-in-url"],
    onWebConfigProblem: (problem) => notices[problem === undefined ? "remove" : "add"](NOTICE.webConfigRefused),
    routePrefix: web.routePrefix,
    disabled: disabledAccess(flags),
    externalUrl: web.externalUrl,
    clock,
    logger,
    maxConnections: flags["web.max-connections"],
    readTimeoutMs: flags["web.read-timeout"],
    wholeRouter: true,
  });
  metrics.addAlwaysShown(() => failedFileReloads([http.webConfig]));
  return {
    name: "http",
    async listen() {
      await mountRoutes(http.app, context, features);
      await bind(http, context);
    },
    ready() {
      // Delays the check whether the UI must be built, because it reads many source files and would delay the start.
      clock.after(UI_CHECK_MS, () => void ensureUiBundle(context.uiFolder, { clock, logger, signal: host.stopping }));
    },
    async stop() {
      // Cancels queries first, because the server waits for open connections, which a long query would keep open.
      querying?.endClients();
      await http.stop();
    },
    routes: {
      root: (app) => rootRoutes(app, context, isAgent, consoles),
      api(app) {
        noticeRoutes(app, { notices });
      },
      apiWhenReady(app) {
        capabilityRoute(app, features);
        selfMetricsRoute(app, metrics);
        openApiRoute(app, { version: build.version, externalUrl: web.externalUrl });
        const problems = (): Readonly<Record<string, string>> => problemFields({ webConfigProblem: http.webConfig });
        statusRoutes(app, { context, corruptions, problems });
      },
    },
    metrics: [
      processMetrics(state.startedAt),
      goMetrics(),
      buildMetrics(build, () => state.phase === "ready", notices),
      () => [...connectionFamilies(http), ...dialFamilies(metrics.dialers)],
    ],
    features: {
      api: { lifecycle: flags["web.enable-lifecycle"], "openapi_3.1": true, "openapi_3.2": true },
      prometheus: { agent_mode: isAgent, server_mode: !isAgent },
      ui: uiCapabilities(context),
    },
  };
}

/** Narthex has only one UI, which is reported under the name that the feature flag selects. */
const uiCapabilities = ({ featureFlags }: Context): Readonly<Record<string, boolean>> => ({
  ui_v2: featureFlags.has("old-ui"),
  ui_v3: !featureFlags.has("old-ui"),
});

async function bind(http: HttpServer, { logger }: Context): Promise<void> {
  try {
    await startListening(http, logger.child({ component: "web" }));
  } catch (cause) {
    throw new StartError("Unable to start web listener", { cause });
  }
}

async function rootRoutes(
  app: FastifyInstance,
  context: Context,
  isAgent: boolean,
  consoles: ConsolesFeature,
): Promise<void> {
  const { host, clock, logger, build, flags, featureFlags, metrics, configuration, state, web } = context;
  metricsRoute(app, "/metrics", metrics);
  lifecycleRoutes(app, {
    mode: isAgent ? "Agent" : "Server",
    reload: () => configuration.reload(),
    quit: () => host.requestStop(),
    ready: () => state.phase,
  });
  app.get("/version", access("read", { series: "none" }), (_request, reply) =>
    reply.header("content-type", "text/plain; charset=utf-8").send(`${goJson(buildData(build))}\n`),
  );
  profileRoutes(app, { pages: profilePages(host), prefix: "", below: "/debug/*", methods: ["GET", "POST"] });
  await app.register((docs) => serveDocs(docs, { host, clock, logger }));
  const externalPath = new URL(web.externalUrl).pathname.replace(/\/$/, "");
  await app.register((pages) =>
    uiRoutes(pages, {
      folder: context.uiFolder,
      externalPath,
      home: isAgent ? "/agent" : featureFlags.has("old-ui") ? "/graph" : "/query",
      pageTitle: flags["web.page-title"],
      lookbackMs: flags["query.lookback-delta"],
      consolesLink: () => {
        const link = consoles.link();
        return link === "" ? "" : externalPath + link;
      },
      ready: () => state.phase === "ready",
      isAgent,
    }),
  );
}
