import { resolve } from "node:path";
import { compressAnswers, countRequests, goJson, metricsRoute, plainError, useEnvelope } from "@narthex/http";
import { discoveryMechanisms } from "@narthex/discovery";
import type { FastifyInstance } from "fastify";
import { allowOrigins } from "./cors.ts";
import { flags as table } from "./flags.ts";
import { readForms } from "./request-bodies.ts";
import { effectiveYaml } from "./effective-config.ts";
import { retentionOf } from "./retention.ts";
import { adminRoutes } from "./routes/admin.ts";
import { featureRoute } from "./routes/features.ts";
import { federateRoute } from "./routes/federate.ts";
import { lifecycleRoutes } from "./routes/lifecycle.ts";
import { notificationRoutes } from "./routes/notifications.ts";
import { parseRoutes } from "./routes/parse.ts";
import { queryRoutes } from "./routes/query.ts";
import { ruleRoutes } from "./routes/rules.ts";
import { seriesRoutes } from "./routes/series.ts";
import { buildData, statusRoutes } from "./routes/status.ts";
import { targetRoutes } from "./routes/targets.ts";
import { uiRoutes } from "./routes/ui.ts";
import { unbuiltRoutes } from "./routes/unbuilt.ts";
import type { Parts, Surroundings } from "./wire.ts";

/** Mounts every route below the prefix; below a prefix of its own, `/` leads there. */
export async function registerRoutes(
  app: FastifyInstance,
  around: Surroundings,
  parts: Parts,
  uiRoot: string,
): Promise<void> {
  countRequests(app, around.metrics);
  const { routePrefix } = parts.web;
  if (routePrefix !== "") app.get("/", (_request, reply) => reply.redirect(`${routePrefix}/`, 302));
  await app.register((root) => rootRoutes(root, around, parts, uiRoot), { prefix: routePrefix });
}

async function rootRoutes(app: FastifyInstance, around: Surroundings, parts: Parts, uiRoot: string): Promise<void> {
  const { flags, host, start, metrics, state } = around;
  const { configuration, web } = parts;
  metricsRoute(app, "/metrics", metrics);
  lifecycleRoutes(app, {
    enabled: flags["web.enable-lifecycle"],
    reload: () => configuration.reload(),
    quit: () => host.requestStop(),
    ready: () => state.phase,
  });
  app.get("/version", (_request, reply) =>
    reply.header("content-type", "text/plain; charset=utf-8").send(`${goJson(buildData(start.build))}\n`),
  );
  app.get("/debug/pprof/*", (_request, reply) => plainError(reply, 404, "404 page not found"));
  const errors = metrics.counter(
    "prometheus_web_federation_errors_total",
    "Total number of errors that occurred while sending federation responses.",
  );
  metrics.counter(
    "prometheus_web_federation_warnings_total",
    "Total number of warnings that occurred while sending federation responses.",
  );
  await app.register(async (part) => {
    compressAnswers(part);
    part.addHook("onRequest", async (_request, reply) =>
      state.phase === "ready" ? undefined : notReady(reply, state.phase),
    );
    federateRoute(part, {
      storage: parts.storage.queryable,
      clock: host.clock,
      lookbackMs: flags["query.lookback-delta"],
      externalLabels: () => configuration.current.global.externalLabels,
      failed: () => errors.inc(),
    });
  });
  await app.register((api) => apiRoutes(api, around, parts), { prefix: "/api/v1" });
  await app.register((pages) =>
    uiRoutes(pages, {
      folder: uiRoot,
      routePrefix: web.routePrefix,
      pageTitle: flags["web.page-title"],
      lookbackMs: flags["query.lookback-delta"],
      ready: () => state.phase === "ready",
    }),
  );
}

type Reply = Parameters<typeof plainError>[0];

const notReady = (reply: Reply, phase: string): Reply =>
  reply
    .code(503)
    .header("x-prometheus-stopping", String(phase === "stopping"))
    .header("content-type", "text/plain; charset=utf-8")
    .send("Service Unavailable");

async function apiRoutes(app: FastifyInstance, around: Surroundings, parts: Parts): Promise<void> {
  const { flags, host, start, state, notifications } = around;
  const { configuration, storage, lanes, scraping, rules, notifier } = parts;
  const parserOptions = lanes.queries.features;
  allowOrigins(app, flags["web.cors.origin"]);
  notificationRoutes(app, { notifications });
  compressAnswers(app);
  unbuiltRoutes(app);
  await app.register(async (api) =>
    adminRoutes(api, {
      enabled: flags["web.enable-admin-api"],
      ready: () => state.phase === "ready",
      storage,
      folder: resolve(host.cwd, flags["storage.tsdb.path"]),
      clock: host.clock,
    }),
  );
  await app.register(async (api) => {
    useEnvelope(api);
    readForms(api);
    api.addHook("onRequest", async (request, reply) =>
      state.phase === "ready" || request.url.includes("/status/walreplay") ? undefined : notReady(reply, state.phase),
    );
    queryRoutes(api, {
      lane: lanes.queries,
      clock: host.clock,
      parserOptions,
      perStepStats: around.features.has("promql-per-step-stats"),
      exemplars: (selectors, from, to) => storage.tsdb.exemplars(from, to, selectors),
    });
    parseRoutes(api, { lane: lanes.queries });
    seriesRoutes(api, { storage: storage.queryable });
    targetRoutes(api, { scraping, configuration });
    ruleRoutes(api, { rules, notifier });
    featureRoute(api, {
      flags,
      features: around.features,
      discoveryKinds: discoveryMechanisms.map(({ name }) => name),
    });
    statusRoutes(api, {
      build: start.build,
      clock: host.clock,
      cwd: host.cwd,
      startedAt: state.startedAt,
      flags: printedFlags(flags),
      configYaml: () => effectiveYaml(configuration.current, discoveryMechanisms, flags, around.features),
      reload: () => configuration.lastReload,
      retention: () => retentionOf(flags, configuration.current).text,
      corruptions: () => storage.tsdb.corruptions,
      tsdb: (limit) => storage.tsdb.stats(limit),
      blocks: () => ({ blocks: storage.tsdb.blocks(), damaged: storage.tsdb.damagedBlocks() }),
      walReplay: () => storage.progress,
      activeQueries: () => lanes,
    });
  });
}

/** Every flag's value as the flags page shows it. */
function printedFlags(values: Surroundings["flags"]): Record<string, string> {
  const printed = Object.entries(table).map(([name, flag]): [string, string] => [
    name,
    (flag as { print(value: unknown): string }).print(values[name as keyof typeof values]),
  ]);
  return Object.fromEntries(printed.sort(([a], [b]) => (a < b ? -1 : 1)));
}
