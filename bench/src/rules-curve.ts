import { flag } from "./flags.ts";
import type { BenchCase, CaseResult, Figure } from "./report.ts";
import { evaluate, type Evaluated, RULES_IN_GROUP, SERIES } from "./rules.ts";
import { prometheusVersion } from "./servers.ts";

const FIGURES: Readonly<Record<keyof Evaluated, readonly [what: string, unit: string]>> = {
  cpuSeconds: ["CPU of a minute", "s"],
  residentMegabytes: ["resident memory", "MB"],
  longestSeconds: ["last evaluation of the slowest group", "s"],
  missed: ["evaluations missed", ""],
  failed: ["evaluations failed", ""],
};

/** Evaluates more and more groups of rules. */
export const rulesCurveCase: BenchCase = {
  name: "rules-curve",
  byName: true,
  async run(): Promise<CaseResult> {
    const figures: Figure[] = [];
    for (const groups of flag("groups", "10,50,200").split(",").map(Number)) {
      const { ours, peer } = await evaluate(groups * RULES_IN_GROUP, 1);
      for (const key of Object.keys(FIGURES) as (keyof Evaluated)[]) {
        const [what, unit] = FIGURES[key];
        figures.push({ what: `${groups} groups: ${what}`, unit, better: "lower", ours: ours[key], peer: peer[key] });
      }
    }
    return {
      setting: `groups of ${RULES_IN_GROUP} rules that read ${SERIES} series each every 15 s, half of them alerts; both servers at once; ${prometheusVersion()}`,
      figures,
    };
  },
};
