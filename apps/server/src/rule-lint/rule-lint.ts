import { resolve } from "node:path";
import type { QueryingFeature } from "../querying/querying.ts";
import type { Context } from "../context.ts";
import type { RulesFeature } from "../rules/rules.ts";
import type { ScrapingFeature } from "../scraping/scraping.ts";
import type { ServerFeature } from "../server-feature.ts";
import { readPolicy } from "./lint-policy.ts";
import { ruleLintRoute } from "./rule-lint-route.ts";
import { RuleLinter } from "./rule-linter.ts";

interface Uses {
  readonly querying: QueryingFeature;
  readonly rules: RulesFeature;
  readonly scraping: ScrapingFeature;
}

/**
 * Adds the feature that checks the loaded rules on request. Without a request, no rule is checked. The policy file of
 * `--rules.lint-policy` is read with the configuration.
 */
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
  const policyFile = context.flags["rules.lint-policy"];
  return {
    name: "rule lint",
    apply: [
      {
        name: "rule lint",
        async prepare() {
          const policy = policyFile === "" ? undefined : await readPolicy(resolve(context.host.cwd, policyFile));
          return { apply: () => linter.setPolicy(policy), discard: () => undefined };
        },
      },
    ],
    routes: { apiWhenReady: (app) => ruleLintRoute(app, linter) },
  };
}
