import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createHttpServer, type HttpServer, type RouteAccess, SelfMetrics } from "@narthex/http";
import { buildInfo, Lifecycle, parseFlags } from "@narthex/runtime";
import { ManualClock, memoryLogger, testHost } from "@narthex/runtime/testing";
import { expect, onTestFinished, test } from "vitest";
import { openFeatures } from "../compose.ts";
import { Configuration, configurationOptions } from "../configuration/configuration.ts";
import { type Context, State } from "../context.ts";
import type { ServerFeature } from "../server-feature.ts";
import { flags as flagTable } from "../flags.ts";
import { webAddress } from "./external-url.ts";
import { Notices } from "./notices.ts";
import { mountRoutes } from "./router.ts";

/** The features of a server that was not started, and their context. */
async function setup(): Promise<{ readonly context: Context; readonly features: Iterable<ServerFeature> }> {
  const cwd = mkdtempSync(join(tmpdir(), "router-"));
  onTestFinished(() => rmSync(cwd, { recursive: true }));
  const file = join(cwd, "prometheus.yml");
  writeFileSync(file, "");
  const args = [`--config.file=${file}`, "--web.listen-address=127.0.0.1:0", "--query.threads=0"];
  const outcome = parseFlags(flagTable, args);
  if (outcome.kind !== "parsed") throw new Error("flags are not understood");
  const flags = outcome.flags.values;
  const [clock, logger, metrics] = [new ManualClock(5_000), memoryLogger(), new SelfMetrics()];
  const host = testHost([], { clock, cwd });
  const featureFlags = new Set<never>();
  const shared = { clock, logger, metrics, notices: new Notices(clock, 4) };
  const context: Context = {
    ...shared,
    host,
    flags,
    featureFlags,
    build: buildInfo("prometheus"),
    configuration: new Configuration({ ...configurationOptions(flags, featureFlags), env: {}, ...shared }),
    web: webAddress("", "/prefix", "127.0.0.1:0"),
    state: new State(clock.now()),
    uiFolder: join(cwd, "ui"),
    userAgent: "test",
  };
  const lifecycle = new Lifecycle({ clock, logger, deadlineMs: 1000 });
  onTestFinished(() => lifecycle.stop());
  await context.configuration.read();
  return { context, features: await openFeatures(context, lifecycle) };
}

/** A server with the routes of some features. */
async function serverOf(context: Context, features: Iterable<ServerFeature>): Promise<HttpServer> {
  const { clock, logger } = context;
  const server = await createHttpServer({ listen: [], webConfigFile: "", clock, logger });
  onTestFinished(() => server.stop());
  await mountRoutes(server.app, context, features);
  return server;
}

const shown = ({ methods, url, access }: RouteAccess): string => `${methods.join(",")} ${url} ${access}`;

test("all routes of the server declare the access that they need", async () => {
  const { context, features } = await setup();
  const { app, routes } = await serverOf(context, features);
  await app.ready();
  const all = routes.list();
  expect(all.length).toBeGreaterThan(60);
  expect(all.filter(({ access }) => access !== "read").map(shown)).toEqual([
    "POST,PUT /prefix/-/reload lifecycle",
    "POST,PUT /prefix/-/quit lifecycle",
    "POST,PUT /prefix/api/v1/admin/tsdb/delete_series admin",
    "POST,PUT /prefix/api/v1/admin/tsdb/clean_tombstones admin",
    "POST,PUT /prefix/api/v1/admin/tsdb/snapshot admin",
    "DELETE /prefix/api/v1/narthex/queries/:id admin",
    "POST /prefix/api/v1/narthex/queries/:id/cancel admin",
    "POST /prefix/api/v1/write write",
    "POST /prefix/api/v1/otlp/v1/metrics write",
  ]);
});

test("a route of a feature that declares no access does not let the server get ready", async () => {
  const { context, features } = await setup();
  const forgetful: ServerFeature = {
    name: "forgetful",
    stop: () => undefined,
    routes: { apiWhenReady: (app) => void app.get("/forgotten", async () => "") },
  };
  const { app } = await serverOf(context, [...features, forgetful]);
  await expect(async () => app.ready()).rejects.toThrow(
    "GET /prefix/api/v1/forgotten declares the access that it needs",
  );
});

test("while the server starts only what needs no data is answered, whatever the query string says", async () => {
  const { context, features } = await setup();
  const { app } = await serverOf(context, features);
  const status = async (url: string): Promise<number> => (await app.inject(`/prefix${url}`)).statusCode;
  expect(await status("/-/healthy")).toBe(200);
  expect(await status("/-/ready")).toBe(503);
  expect(await status("/metrics")).toBe(200);
  expect(await status("/api/v1/status/walreplay")).toBe(200);
  expect(await status("/api/v1/notifications")).toBe(200);
  expect(await status("/api/v1/query?query=up&x=/status/walreplay")).toBe(503);
  expect(await status("/federate?match[]=up")).toBe(503);
});
