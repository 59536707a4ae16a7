import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { madeUpSeries } from "../../../support/made-up-series.ts";
import { queriedSeries } from "../../../support/queried-series.ts";
import type { Random } from "../../../support/random.ts";
import { peers } from "../../../support/requirements.ts";
import { launcher } from "../../../support/running.ts";
import type { Workplace } from "../../../support/workplace.ts";
import { steppedValues } from "./generated-rules.ts";
import type { Scenario } from "./scenarios.ts";
import { testFileText } from "./test-file-text.ts";

interface Rule {
  readonly alert?: string;
  readonly record?: string;
}

export interface RuleFile {
  readonly groups: readonly { readonly name: string; readonly rules: readonly Rule[] }[];
}

/** Rules, and the series of a day that they read. */
export interface Day {
  readonly rules: RuleFile;
  readonly series: readonly (readonly [series: string, values: string])[];
}

/** Returns one rule file with the groups of many, whose names are made unique. Omits groups without rules. */
export function oneFile(texts: readonly string[]): RuleFile {
  const files = texts.map((text) => parse(text) as RuleFile);
  return {
    groups: files.flatMap(({ groups }, i) =>
      groups.filter(({ rules }) => Array.isArray(rules)).map((group) => ({ ...group, name: `${i}-${group.name}` })),
    ),
  };
}

/** Returns random series for the selectors of rule files. */
export function madeUp(random: Random, texts: readonly string[]): (readonly [series: string, values: string])[] {
  const found = new Map<string, string>();
  for (const text of texts)
    for (const { labels } of madeUpSeries(queriedSeries(parse(text) as Record<string, unknown>), [0, 0]))
      found.set(
        labels.toString(),
        steppedValues(random, /_(?:total|count|sum|bucket)$/.test(labels.get("__name__") ?? "")),
      );
  return [...found];
}

/** Questions about the rules and alerts of a day, at times shortly after the incidents begin. */
function dayOf(rules: RuleFile, series: Scenario[3]): Scenario {
  const alerts = rules.groups.flatMap((group) => group.rules.flatMap(({ alert }) => alert ?? []));
  const times = Array.from({ length: 24 }, (_, hour) =>
    [10, 20, 30, 60].map((minute) => `${hour * 60 + minute}m`),
  ).flat();
  const expressions = ["ALERTS", "ALERTS_FOR_STATE", "count_over_time(ALERTS[1h])", "changes(ALERTS_FOR_STATE[1h])"];
  return [
    "a day",
    { evaluationInterval: "5m", order: rules.groups.map(({ name }) => JSON.stringify(name)) },
    "",
    series,
    times.flatMap((at) => [...new Set(alerts)].map((alert) => [at, alert] as const)),
    times.flatMap((at) => expressions.map((expr) => [expr, at] as const)),
  ];
}

/** The output of both promtools for the same days, as lines. */
export interface TestedDays {
  readonly theirs: readonly string[];
  readonly ours: readonly string[];
  /** Runs promtool of Prometheus again. */
  readonly theirsAgain: () => readonly string[];
}

/** Runs the unit tests of days with promtool of Prometheus and of Narthex. */
export function testDays(workplace: Workplace, days: readonly Day[]): TestedDays {
  const files = days.map(({ rules, series }, i) => {
    workplace.write(`rules-${i}.yml`, stringify(rules));
    workplace.write(`day-${i}.yml`, testFileText(dayOf(rules, series), `rules-${i}.yml`));
    return `day-${i}.yml`;
  });
  const outputOf = (command: string, ...args: readonly string[]): readonly string[] => {
    const options = { cwd: workplace.folder, encoding: "utf8", maxBuffer: 1 << 29 } as const;
    return spawnSync(command, [...args, "test", "rules", ...files], options).stderr.split("\n");
  };
  const theirsAgain = (): readonly string[] => outputOf(join(peers, "promtool"));
  return { theirs: theirsAgain(), ours: outputOf(launcher, "promtool"), theirsAgain };
}

/** Returns the names of the alerts in the output of promtool. */
export const firedIn = (lines: readonly string[]): ReadonlySet<string> =>
  new Set(lines.flatMap((line) => /alertname[:=] ?"?([^,\s"]+)/.exec(line)?.[1] ?? []));
