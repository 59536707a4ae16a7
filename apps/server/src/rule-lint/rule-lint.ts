import type { QueryingFeature } from "../querying/querying.ts";
import type { Context } from "../context.ts";
import type { RulesFeature } from "../rules/rules.ts";
import type { ScrapingFeature } from "../scraping/scraping.ts";
import type { ServerFeature } from "../server-feature.ts";
import { ruleLintRoute } from "./rule-lint-route.ts";
import { RuleLinter } from "./rule-linter.ts";

interface Uses {
  readonly querying: QueryingFeature;
  readonly rules: RulesFeature;
  readonly scraping: ScrapingFeature;
}

/** Adds the feature that checks the loaded rules on request. Without a request, no rule is checked. */
export function openRuleLint(context: Context, { querying, rules, scraping }: Uses): ServerFeature {
  const linter = new RuleLinter({
    clock: context.clock,
    configuration: context.configuration,
    lookbackMs: context.flags["query.lookback-delta"],
    lane: querying.lanes.queries,
    groups: () => rules.groups(),
    isRuleFile: (name) => rules.manager.hasFile(name),
    metricTypes: (metric) => (scraping.manager.views.metadata(metric, -1, 0)[metric] ?? []).map(({ type }) => type),
  });
  return { name: "rule lint", routes: { apiWhenReady: (app) => ruleLintRoute(app, linter) } };
}
