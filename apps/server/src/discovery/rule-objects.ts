import type { RuleObjects } from "@narthex/discovery";
import { type GroupSpec, parseRuleFile } from "@narthex/rules";
import type { Context } from "../context.ts";
import type { RulesFeature } from "../rules/rules.ts";

type Groups = readonly GroupSpec[];

/** Returns the part that checks and evaluates the rule groups of PrometheusRules of Kubernetes. */
export function ruleObjects({ configuration }: Context, { manager, parser }: RulesFeature): RuleObjects {
  /** Groups of valid files, by name. */
  let known = new Map<string, Groups>();
  return {
    check(file, text) {
      const scheme = configuration.current.global.metricNameValidationScheme;
      const parsed = parseRuleFile(text, file, { parser, scheme });
      if (!parsed.ok) {
        return parsed.problems.map(({ message, hint }) => (hint === "" ? message : `${message}; ${hint}`));
      }
      known.set(file, parsed.value);
      return [];
    },
    async apply(files) {
      known = new Map([...known].filter(([file]) => files.has(file)));
      await manager.setPlace("PrometheusRules", known);
    },
  };
}
