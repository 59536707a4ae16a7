import { resolve } from "node:path";
import { AGGREGATORS, FUNCTION_SIGNATURES, MODIFIERS, OPERATORS } from "@narthex/promql";
import {
  ActiveQueryTracker,
  type LaneName,
  LongTermReader,
  type QueryLane,
  QueryLog,
  RemoteEndpoints,
} from "@narthex/querying";
import type { Context } from "../context.ts";
import type { FeatureFlag, FeatureFlags } from "../feature-flags.ts";
import type { Capabilities, ServerFeature } from "../server-feature.ts";
import type { StorageFeature } from "../storage/storage.ts";
import { activeJobsRoutes } from "./active-jobs-routes.ts";
import { activeQueriesRoute } from "./active-queries-route.ts";
import { AnswerStreams } from "./answer-streams.ts";
import { instrumentedLanes } from "./engine-metrics.ts";
import { explainRoute } from "./explain-route.ts";
import { federateRoute } from "./federate-route.ts";
import { observedListings } from "./observed-listings.ts";
import { parseRoutes } from "./parse-routes.ts";
import { queryRoutes } from "./query-routes.ts";
import { openScheduler } from "./scheduler.ts";
import { seriesRoutes } from "./series-routes.ts";

export interface QueryingFeature extends ServerFeature {
  readonly lanes: Readonly<Record<LaneName, QueryLane>>;
  /** Other servers from which queries read (`remote_read`). */
  readonly remoteEndpoints: RemoteEndpoints;
  /** Database from which queries read older samples (`long_term_store`). */
  readonly longTerm: LongTermReader;
  readonly streams: AnswerStreams;
  /** Calls `observer` with each finished query of a user, and with each selector that another server has sent. */
  observe(observer: (text: string) => void): void;
  /** Cancels the queries and listings of clients, and refuses new ones. Queries of rules continue. */
  endClients(): void;
}

export function openQuerying(context: Context, storage: StorageFeature): QueryingFeature {
  const { host, clock, logger, metrics, flags, featureFlags } = context;
  const tracker = new ActiveQueryTracker(
    2 * flags["query.max-concurrency"],
    clock,
    logger.child({ component: "activeQueryTracker" }),
  );
  const [remoteEndpoints, longTerm] = [new RemoteEndpoints(), new LongTermReader()];
  const scheduler = openScheduler(context, { storage, remoteEndpoints, longTerm }, tracker);
  const queryLog = new QueryLog(clock, logger.child({ component: "query engine" }));
  const observers: ((text: string) => void)[] = [];
  const onQuery = (text: string): void => {
    for (const observe of observers) observe(text);
  };
  const lanes = {
    ...instrumentedLanes(scheduler, metrics, queryLog, onQuery),
    listings: observedListings(scheduler.lanes.listings, onQuery),
    remoteReads: observedListings(scheduler.lanes.remoteReads, onQuery),
  };
  const streams = new AnswerStreams({ clock, logger: logger.child({ component: "web" }), memory: scheduler });
  return {
    name: "query threads",
    lanes,
    remoteEndpoints,
    longTerm,
    streams,
    observe: (observer) => void observers.push(observer),
    endClients() {
      lanes.queries.close();
      lanes.listings.close();
      lanes.remoteReads.close();
    },
    start: () => tracker.open(resolve(host.cwd, flags["storage.tsdb.path"])),
    async stop() {
      await scheduler.close();
      queryLog.close();
      tracker.close();
    },
    apply: [{ name: "query_engine", prepare: ({ global }) => queryLog.prepare(global.queryLogFile) }],
    routes: {
      rootWhenReady: (app) => federateRoute(app, { context, lane: lanes.listings, streams }),
      apiWhenReady(app) {
        const perStepStats = featureFlags.has("promql-per-step-stats");
        queryRoutes(app, { lane: lanes.queries, streams, clock, perStepStats });
        explainRoute(app, { lane: lanes.queries, streams, clock });
        parseRoutes(app, { lane: lanes.queries });
        seriesRoutes(app, { lane: lanes.listings, streams });
        activeQueriesRoute(app, lanes);
        activeJobsRoutes(app, { jobs: scheduler.jobs, clock });
      },
    },
    features: {
      api: {
        label_values_match: true,
        query_stats: true,
        query_warnings: true,
        time_range_labels: true,
        time_range_series: true,
      },
      promql: promqlCapabilities(featureFlags),
      promql_operators: usable([...OPERATORS, ...AGGREGATORS], featureFlags),
      promql_functions: Object.fromEntries(
        [...FUNCTION_SIGNATURES.values()].map((one) => [
          one.name,
          !one.experimental || featureFlags.has("promql-experimental-functions"),
        ]),
      ),
    },
  };
}

/** Keywords of PromQL that are valid only with a feature flag. */
const FLAGGED_WORDS: Readonly<Record<string, FeatureFlag>> = {
  anchored: "promql-extended-range-selectors",
  smoothed: "promql-extended-range-selectors",
  fill: "promql-binop-fill-modifiers",
  fill_left: "promql-binop-fill-modifiers",
  fill_right: "promql-binop-fill-modifiers",
  limitk: "promql-experimental-functions",
  limit_ratio: "promql-experimental-functions",
};

const usable = (words: Iterable<string>, featureFlags: FeatureFlags): Capabilities[string] =>
  Object.fromEntries(
    Array.from(words, (word) => {
      const flag = FLAGGED_WORDS[word];
      return [word, flag === undefined || featureFlags.has(flag)];
    }),
  );

const promqlCapabilities = (featureFlags: FeatureFlags): Capabilities[string] => ({
  ...usable(MODIFIERS, featureFlags),
  at_modifier: true,
  delayed_name_removal: featureFlags.has("promql-delayed-name-removal"),
  duration_expr: true,
  negative_offset: true,
  per_query_lookback_delta: true,
  per_step_stats: featureFlags.has("promql-per-step-stats"),
  subqueries: true,
  type_and_unit_labels: featureFlags.has("type-and-unit-labels"),
});
