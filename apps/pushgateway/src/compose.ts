import { FeatureList } from "@narthex/http";
import type { Host, Lifecycle, RoleStart } from "@narthex/runtime";
import { openContext } from "./context.ts";
import type { flags as flagTable } from "./flags.ts";
import { openGroups } from "./groups.ts";
import { openPersistence } from "./persistence.ts";
import { openPushApi } from "./push-api.ts";
import { openSnapshotFile, takeOverSnapshot } from "./snapshot-file.ts";
import { openWeb, type Web } from "./web.ts";

/**
 * Opens the features of the Pushgateway in order; they are stopped in reverse order. Throws if the data file belongs to
 * another program or an address is in use.
 */
export async function compose(host: Host, role: RoleStart<typeof flagTable>, lifecycle: Lifecycle): Promise<void> {
  const web = await openFeatures(host, role, lifecycle);
  await web.start();
}

/**
 * Opens the features. Resolves with the last feature, the web server, which serves the routes of all features. Throws
 * the same errors as compose().
 */
export async function openFeatures(host: Host, role: RoleStart<typeof flagTable>, lifecycle: Lifecycle): Promise<Web> {
  const context = openContext(host, role);
  const { logger, build } = context;
  logger.info("starting pushgateway", { version: build.version, narthex: build.narthex });
  const features = new FeatureList(lifecycle, context.metrics);
  const persistence = features.add(await openPersistence(context));
  await takeOverSnapshot(context, persistence);
  const groups = features.add(openGroups(context, persistence));
  await groups.restore();
  features.add(openSnapshotFile(context, persistence, groups));
  features.add(openPushApi(context, groups));
  return features.add(await openWeb(context, features, groups));
}
