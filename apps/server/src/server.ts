import { resolve } from "node:path";
import { SelfMetrics, uiFolder } from "@narthex/http";
import {
  eventLoop,
  type Host,
  Lifecycle,
  PageReturn,
  type RoleStart,
  showsOwnMetrics,
  stopRequested,
  surviveUncaughtErrors,
} from "@narthex/runtime";
import { openAgentFeatures } from "./agent/compose-agent.ts";
import { appliersOf, openFeatures } from "./compose.ts";
import { Configuration, configurationOptions } from "./configuration/configuration.ts";
import { type Context, State } from "./context.ts";
import { featureFlagConflict, readFeatureFlags } from "./feature-flags.ts";
import { StartError } from "./server-feature.ts";
import type { flags as flagTable } from "./flags.ts";
import { webAddress } from "./web/external-url.ts";
import { NOTICE, Notices } from "./web/notices.ts";

/** Longest time in ms that the stop of each feature may take. */
const STOP_LIMIT_MS = 8000;

/**
 * Opens and starts the features, waits until the host asks the server to stop, and stops the features. Resolves with
 * the exit status.
 */
export async function runServer(host: Host, { flags, logger, build }: RoleStart<typeof flagTable>): Promise<number> {
  const { clock } = host;
  const metrics = new SelfMetrics({ showOurs: flags["web.enable-own-metrics"] || showsOwnMetrics(host) });
  const notices = new Notices(clock, flags["web.max-notifications-subscribers"]);
  const conflict = featureFlagConflict(flags["enable-feature"]);
  if (conflict !== undefined) {
    logger.error("Error parsing feature list", { err: conflict });
    return 1;
  }
  const featureFlags = readFeatureFlags(flags["enable-feature"], logger);
  const state = new State(clock.now());
  const mode = flags.agent ? "agent" : "server";
  logger.info(`Starting Narthex ${mode}`, { mode, version: build.version, narthex: build.narthex });
  const options = { ...configurationOptions(flags, featureFlags), env: host.env, clock, logger, metrics, notices };
  const configuration = new Configuration(options);
  const failure = await configuration.read();
  if (failure !== undefined) {
    for (const sentence of failure.sentences)
      logger.error(failure.message, { file: resolve(host.cwd, flags["config.file"]), err: sentence });
    return 2;
  }
  const lifecycle = new Lifecycle({ clock, logger, deadlineMs: STOP_LIMIT_MS });
  lifecycle.add(eventLoop.watch(logger));
  try {
    const web = webAddress(flags["web.external-url"], flags["web.route-prefix"], flags["web.listen-address"][0]!);
    const shared = { host, clock, logger, build, flags, featureFlags, metrics, notices, configuration, web, state };
    const ui = uiFolder(host, import.meta.url);
    await serve({ ...shared, uiFolder: ui, userAgent: `Prometheus/${build.version}` }, lifecycle);
    return 0;
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    if (error.cause !== undefined) logger.error(error.message, { err: error.cause });
    return 1;
  } finally {
    state.phase = "stopping";
    await lifecycle.stop();
    logger.info("See you next time!");
  }
}

async function serve(context: Context, lifecycle: Lifecycle): Promise<void> {
  const { configuration, host, logger, notices, state } = context;
  const open = context.flags.agent ? openAgentFeatures : openFeatures;
  const features = await open(context, lifecycle);
  notices.add(NOTICE.starting);
  for (const feature of features) await feature.listen?.();
  for (const feature of features) await feature.start?.();
  await configuration.start(appliersOf(features));
  for (const feature of features) feature.ready?.();
  state.phase = "ready";
  notices.remove(NOTICE.starting);
  logger.info("Server is ready to receive web requests.");
  lifecycle.add(new PageReturn(context.clock));
  lifecycle.add(surviveUncaughtErrors(host, logger));
  await stopRequested(host);
  logger.warn("Received an OS signal, exiting gracefully...");
  notices.add(NOTICE.stopping);
}
