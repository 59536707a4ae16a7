import type { Context } from "../context.ts";
import type { QueryingFeature } from "../querying/querying.ts";
import type { ServerFeature } from "../server-feature.ts";
import { readRoute } from "./read-route.ts";

/** Lets other servers read what this one stores. */
export function openRemoteRead(context: Context, { lanes, streams }: QueryingFeature): ServerFeature {
  const { flags, clock, configuration, logger, metrics } = context;
  return {
    name: "remote read",
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
