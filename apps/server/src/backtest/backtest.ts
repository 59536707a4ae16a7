import type { Context } from "../context.ts";
import type { QueryingFeature } from "../querying/querying.ts";
import type { ServerFeature } from "../server-feature.ts";
import type { StorageFeature } from "../storage/storage.ts";
import { backtestRoute, disabledBacktestRoute } from "./backtest-route.ts";

interface Uses {
  readonly storage: StorageFeature;
  readonly querying: QueryingFeature;
}

/** Adds the feature that evaluates rules of clients over stored samples (`--web.enable-backtest`). */
export function openBacktest(context: Context, { storage, querying }: Uses): ServerFeature {
  if (!context.flags["web.enable-backtest"])
    return { name: "backtest", routes: { apiWhenReady: disabledBacktestRoute } };
  const { lanes } = querying;
  return {
    name: "backtest",
    routes: {
      apiWhenReady: (app) => backtestRoute(app, { context, lane: lanes.queries, storage: storage.queryable }),
    },
  };
}
