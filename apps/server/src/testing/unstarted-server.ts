import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createHttpServer, type HttpServer, SelfMetrics } from "@narthex/http";
import { buildInfo, Lifecycle, parseFlags } from "@narthex/runtime";
import { ManualClock, memoryLogger, testHost } from "@narthex/runtime/testing";
import { onTestFinished } from "vitest";
import { openFeatures } from "../compose.ts";
import { Configuration, configurationOptions } from "../configuration/configuration.ts";
import { type Context, State } from "../context.ts";
import type { ServerFeature } from "../server-feature.ts";
import { readFeatureFlags } from "../feature-flags.ts";
import { flags as flagTable } from "../flags.ts";
import { disabledAccess } from "../web/disabled-access.ts";
import { webAddress } from "../web/external-url.ts";
import { Notices } from "../web/notices.ts";
import { mountRoutes } from "../web/router.ts";

/** Returns the features of a server that is not started, and their context. */
export async function unstartedFeatures(more: readonly string[] = []): Promise<{
  readonly context: Context;
  readonly features: Iterable<ServerFeature>;
}> {
  const cwd = mkdtempSync(join(tmpdir(), "router-"));
  onTestFinished(() => rmSync(cwd, { recursive: true }));
  const file = join(cwd, "prometheus.yml");
  writeFileSync(file, "");
  const args = [`--config.file=${file}`, "--web.listen-address=127.0.0.1:0", "--query.threads=0", ...more];
  const outcome = parseFlags(flagTable, args);
  if (outcome.kind !== "parsed") throw new Error("flags are not understood");
  const flags = outcome.flags.values;
  const [clock, logger, metrics] = [new ManualClock(5_000), memoryLogger(), new SelfMetrics()];
  const host = testHost([], { clock, cwd });
  const featureFlags = readFeatureFlags(flags["enable-feature"], logger);
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

/**
 * Returns a server with the routes of some features.
 * @param prepare called before the routes are registered
 */
export async function serverOf(
  context: Context,
  features: Iterable<ServerFeature>,
  prepare: (server: HttpServer) => void = () => {},
): Promise<HttpServer> {
  const { clock, logger, flags } = context;
  const webConfigFile = flags["web.config.file"];
  const server = await createHttpServer({
    listen: [],
    webConfigFile,
    signInUrl: flags["web.sign-in-url"],
    routePrefix: context.web.routePrefix,
    disabled: disabledAccess(flags),
    clock,
    logger,
  });
  onTestFinished(() => server.stop());
  prepare(server);
  await mountRoutes(server.app, context, features);
  return server;
}
