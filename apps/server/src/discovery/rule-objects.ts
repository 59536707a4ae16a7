import type { RuleObjects } from "@narthex/discovery";
import { type GroupSpec, parseRuleFileInSteps } from "@narthex/rules";
import { runInTimeSlices } from "@narthex/runtime";
import type { Context } from "../context.ts";
import type { RulesFeature } from "../rules/rules.ts";

type Groups = readonly GroupSpec[];

/** Largest length of the rules of an object. Kubernetes stores objects of at most 1.5 MiB. */
const MAX_CHARACTERS = 4 * 1024 * 1024;

/** Returns the part that checks and evaluates the rule groups of PrometheusRules of Kubernetes. */
export function ruleObjects({ clock, configuration }: Context, { manager, parser }: RulesFeature): RuleObjects {
  /** Groups of valid files, by name. */
  let known = new Map<string, Groups>();
  return {
    async check(file, text) {
      if (text.length > MAX_CHARACTERS)
        return [`the rules have more than ${MAX_CHARACTERS} characters; split the object`];
      const scheme = configuration.current.global.metricNameValidationScheme;
      const parsed = await runInTimeSlices(clock, parseRuleFileInSteps(text, file, { parser, scheme }));
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
