import type { Context } from "../context.ts";
import type { QueryingFeature } from "../querying/querying.ts";
import type { ServerFeature } from "../server-feature.ts";
import type { StorageFeature } from "../storage/storage.ts";
import { readRoute } from "./read-route.ts";
import { EndpointChanges } from "./remote-endpoints.ts";

/**
 * Number of shortest blocks, as a time span after the oldest local sample. Local data counts as complete only after
 * this time span, because writing all samples takes some time.
 */
const MARGIN_BLOCKS = 2;

/**
 * Adds the feature that lets other servers read stored samples, and reads samples from other servers (`remote_read`).
 */
export function openRemoteRead(
  context: Context,
  { storage, querying }: { readonly storage: StorageFeature; readonly querying: QueryingFeature },
): ServerFeature {
  const { flags, clock, configuration, logger, metrics } = context;
  const { lanes, streams, remoteEndpoints } = querying;
  const localStart = (): number => {
    const begin = storage.tsdb.blocks()[0]?.minTime ?? Math.floor(clock.now() / 1000) * 1000;
    return begin + MARGIN_BLOCKS * flags["storage.tsdb.min-block-duration"];
  };
  const changes = new EndpointChanges(context, remoteEndpoints, localStart);
  return {
    name: "remote read",
    apply: [{ name: "remote_storage", prepare: (config) => changes.prepare(config) }],
    stop: () => changes.stop(),
    routes: {
      apiWhenReady: (app) =>
        readRoute(app, {
          lane: lanes.remoteReads,
          streams,
          clock,
          logger: logger.child({ component: "remote" }),
          metrics,
          externalLabels: () => configuration.current.global.externalLabels.pairs,
          sampleLimit: flags["storage.remote.read-sample-limit"],
          maxBytesInFrame: flags["storage.remote.read-max-bytes-in-frame"],
        }),
    },
  };
}
