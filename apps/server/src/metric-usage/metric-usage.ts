import { resolve } from "node:path";
import { UsageRecord } from "@narthex/querying";
import type { Context } from "../context.ts";
import type { QueryingFeature } from "../querying/querying.ts";
import type { RulesFeature } from "../rules/rules.ts";
import type { ServerFeature } from "../server-feature.ts";
import { disabledUsageRoute, usageRoute } from "./usage-route.ts";

interface Uses {
  readonly querying: QueryingFeature;
  readonly rules: RulesFeature;
}

/**
 * Adds the feature that records which metrics are used by queries, and reports stored metrics that are never used
 * (`--query.record-usage`).
 */
export function openMetricUsage(context: Context, { querying, rules }: Uses): ServerFeature {
  const { host, clock, logger, flags } = context;
  if (!flags["query.record-usage"]) return { name: "metric usage", routes: { apiWhenReady: disabledUsageRoute } };
  const record = new UsageRecord({
    parse: (text) => querying.lanes.queries.parse(text, "references"),
    clock,
    logger: logger.child({ component: "metric usage" }),
  });
  querying.observe((text) => record.note(text));
  return {
    name: "metric usage",
    start: () => record.open(resolve(host.cwd, flags["storage.tsdb.path"])),
    stop: () => record.close(),
    routes: {
      apiWhenReady: (app) =>
        usageRoute(app, { context, record, rules, lane: querying.lanes.listings, streams: querying.streams }),
    },
  };
}
