import { FeatureList, uiFolder } from "@narthex/http";
import type { Host, Lifecycle, RoleStart } from "@narthex/runtime";
import { openApi } from "./api/api.ts";
import { ClusterError, openCluster } from "./cluster/cluster.ts";
import { openContext } from "./context.ts";
import { openEngine, reloadOnSignal } from "./dispatching/engine.ts";
import { openNotificationContext } from "./dispatching/notification-context.ts";
import { FeatureFlagError, type FeatureFlags, readFeatureFlags } from "./feature-flags.ts";
import type { flags as flagTable } from "./flags.ts";
import { openMaintenance } from "./state/maintenance.ts";
import { openRecurringSilences, openStateStores } from "./state/state-stores.ts";
import { openStores } from "./state/stores.ts";
import { openWeb, type Web } from "./web/web.ts";

type Role = RoleStart<typeof flagTable>;

/**
 * Opens and starts the Alertmanager's features in order. If the start fails, logs the reason and resolves with false.
 */
export async function compose(host: Host, role: Role, lifecycle: Lifecycle): Promise<boolean> {
  const web = await openFeatures(host, role, lifecycle);
  await web?.start();
  return web !== undefined;
}

/**
 * Opens the features. Resolves with the web feature, which serves the routes of all other features. If the start fails,
 * logs the reason and resolves with undefined.
 */
export async function openFeatures(host: Host, role: Role, lifecycle: Lifecycle): Promise<Web | undefined> {
  const { logger, build } = role;
  const startedAt = host.clock.now();
  logger.info("Starting Alertmanager", { version: build.version, narthex: build.narthex });
  const featureFlags = featureFlagsOf(role);
  if (featureFlags === undefined) return undefined;
  const stores = await openStores(host, role);
  // Shows metrics that the original Alertmanager does not have only if the state is in a database, or if notifications
  // have a context.
  const showOurs = stores.database !== undefined || role.flags["notification.context-file"] !== "";
  const context = openContext(host, role, { startedAt, featureFlags, showOurs });
  const features = new FeatureList(lifecycle, context.metrics);
  features.add(stores);
  try {
    const state = features.add(await openStateStores(context, stores));
    const cluster = features.add(await openCluster(context, stores, state));
    const recurringSilences = features.add(await openRecurringSilences(context, stores, state));
    const notificationContext = await openNotificationContext(context, state);
    if (notificationContext === undefined) return undefined;
    features.add(notificationContext);
    const engine = await openEngine(context, state, { cluster, notificationContext });
    if (engine === undefined) return undefined;
    features.add(engine);
    features.add(openMaintenance(context, state, engine));
    features.add(reloadOnSignal(context, engine));
    features.add(openApi(context, { state, recurringSilences, cluster, engine }));
    const uiRoot = uiFolder(host, import.meta.url);
    return features.add(await openWeb(context, features, { cluster, engine, uiRoot }));
  } catch (error) {
    if (!(error instanceof ClusterError)) throw error;
    logger.error(error.what, { err: error });
    return undefined;
  }
}

/** Parses --enable-feature. If it is invalid, logs the error and returns undefined. */
function featureFlagsOf({ flags, logger }: Role): FeatureFlags | undefined {
  try {
    return readFeatureFlags(flags["enable-feature"], (message) => logger.warn(message));
  } catch (error) {
    if (!(error instanceof FeatureFlagError)) throw error;
    logger.error("error parsing the feature flag list", { err: error.message });
    return undefined;
  }
}
