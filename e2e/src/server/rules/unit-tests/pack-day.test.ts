import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { testSeed } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { madeUpSeries } from "../../../support/made-up-series.ts";
import { queriedSeries } from "../../../support/queried-series.ts";
import { Random } from "../../../support/random.ts";
import { lacks, peers } from "../../../support/requirements.ts";
import { launcher } from "../../../support/running.ts";
import { Workplace } from "../../../support/workplace.ts";
import { packRules, packTests, publishedRules } from "../published-rules.ts";
import { steppedValues } from "./generated-rules.ts";
import type { Scenario } from "./scenarios.ts";
import { testFileText } from "./test-file-text.ts";

const SEED = testSeed();
/** The incidents of the alert pack begin in these hours of the day, one after the other. */
const HOURS = 20;

interface RuleFile {
  readonly groups: readonly { readonly name: string; readonly rules: readonly { readonly alert?: string }[] }[];
}

/** Returns one rule file with the groups of many, whose names are made unique. */
function oneFile(texts: readonly string[]): RuleFile {
  const files = texts.map((text) => parse(text) as RuleFile);
  return {
    groups: files.flatMap(({ groups }, i) => groups.map((group) => ({ ...group, name: `${i}-${group.name}` }))),
  };
}

/** Returns the series of the alert pack's unit tests, each incident at its time of the day. */
const incidents = (): (readonly [series: string, values: string])[] =>
  packTests().flatMap(({ interval, input_series: inputs = [] }, i) => {
    if (interval !== "1m") return [];
    const pause = `_x${60 * (i % HOURS) + 1}`;
    return inputs.map(({ series, values }) => {
      const [name, labels = ""] = series.split(/\{|\}$/);
      return [`${name}{incident="${i}"${labels === "" ? "" : ", "}${labels}}`, `${pause} ${values} stale`] as const;
    });
  });

/** Returns random series for the selectors of rule files. */
function madeUp(random: Random, texts: readonly string[]): (readonly [series: string, values: string])[] {
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

test.skipIf(lacks("peers"))(
  `the alert pack and published packs give the series and alerts of promtool during a day (seed ${SEED})`,
  () => {
    using workplace = new Workplace();
    const random = new Random(SEED);
    const days = [
      [packRules(), incidents()] as const,
      ...publishedRules().map((text) => [[text], madeUp(random, [text])] as const),
    ];
    const files = days.map(([texts, series], i) => {
      const rules = oneFile(texts);
      workplace.write(`rules-${i}.yml`, stringify(rules));
      workplace.write(`day-${i}.yml`, testFileText(dayOf(rules, series), `rules-${i}.yml`));
      return `day-${i}.yml`;
    });
    const [theirs, ours] = [[join(peers, "promtool")], [launcher, "promtool"]].map(([command, ...args]) => {
      const options = { cwd: workplace.folder, encoding: "utf8", maxBuffer: 1 << 29 } as const;
      return spawnSync(command!, [...args, "test", "rules", ...files], options).stderr.split("\n");
    });
    const fired = new Set(theirs!.flatMap((line) => /alertname: ?([^,\s]+)/.exec(line)?.[1] ?? []));
    expect(fired.size).toBeGreaterThan(50);
    expect(ours).toEqual(theirs);
  },
);
