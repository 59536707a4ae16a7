import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { lacks, peers } from "../../../support/requirements.ts";
import { launcher } from "../../../support/running.ts";
import { Workplace } from "../../../support/workplace.ts";
import { testSeed } from "@narthex/runtime/testing";
import { Random } from "../../../support/random.ts";
import { brokenFiles } from "./broken-files.ts";
import { generatedRules, generatedSeries } from "./generated-rules.ts";
import { type Scenario, scenarios } from "./scenarios.ts";
import { readResults, testFileText } from "./test-file-text.ts";

interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `promtool test rules` on files, as the original (`theirs`) and as ours. */
const runners = {
  theirs: (folder: string, files: readonly string[]) =>
    run(join(peers, "promtool"), ["test", "rules", ...files], folder),
  ours: (folder: string, files: readonly string[]) => run(launcher, ["promtool", "test", "rules", ...files], folder),
};

function run(command: string, args: readonly string[], cwd: string): Outcome {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: "utf8", maxBuffer: 1 << 26 });
  return { status, stdout, stderr };
}

/** The output on stderr of each file. Each file with a failure begins with the line `FAILED:`. */
const failuresOf = ({ stderr }: Outcome): string[] => stderr.split("  FAILED:\n").slice(1);

/** Whether the test of each file succeeded, in order. */
const succeededIn = ({ stdout }: Outcome): boolean[] =>
  stdout
    .split("Unit Testing:")
    .slice(1)
    .map((part) => part.includes("SUCCESS"));

test.skipIf(lacks("peers"))(
  `${scenarios.length} unit tests of rules fail and succeed with the output of promtool`,
  () => {
    using workplace = new Workplace();
    const nameOf = (kind: string, index: number): string => `${kind}-${index}.yml`;
    for (const [i, scenario] of scenarios.entries()) {
      workplace.write(nameOf("rules", i), scenario[2]);
      workplace.write(nameOf("failing", i), testFileText(scenario, nameOf("rules", i)));
    }
    const failing = scenarios.map((_, i) => nameOf("failing", i));
    const theirs = runners.theirs(workplace.folder, failing);
    expect(runners.ours(workplace.folder, failing)).toEqual(theirs);
    const failures = failuresOf(theirs);
    expect(failures).toHaveLength(scenarios.length);
    for (const [i, scenario] of scenarios.entries()) {
      const results = readResults(scenario, failures[i]!);
      workplace.write(nameOf("good", i), testFileText(scenario, nameOf("rules", i), results));
    }
    const good = scenarios.map((_, i) => nameOf("good", i));
    const succeeded = runners.theirs(workplace.folder, good);
    expect(succeeded).toMatchObject({ status: 0, stderr: "" });
    expect(runners.ours(workplace.folder, good)).toEqual(succeeded);
  },
);

test.skipIf(lacks("peers")).each([
  ["--diff", "the differences of alerts in colour"],
  ["--debug", "all samples of each test"],
])("%s prints %s", (flag) => {
  using workplace = new Workplace();
  for (const [i, scenario] of scenarios.entries()) {
    workplace.write(`rules-${i}.yml`, scenario[2]);
    const answers = {
      // Some expected alerts are missing, some unexpected, and some have other texts.
      alerts: scenario[4].map((_, at) =>
        Array.from({ length: (i + at) % 4 }, (_, n) => ({
          exp_labels: { i: String(n), job: "j" },
          exp_annotations: { v: 'a "quoted" text', a: "low" },
        })),
      ),
      samples: scenario[5].map(() => []),
    };
    workplace.write(`failing-${i}.yml`, testFileText(scenario, `rules-${i}.yml`, answers));
  }
  const files = scenarios.map((_, i) => `failing-${i}.yml`);
  const [theirs, ours] = [runners.theirs, runners.ours].map((runner) => {
    const { status, stdout, stderr } = runner(workplace.folder, [flag, ...files]);
    return { status, stdout: stdout.replaceAll(/took \S+/g, "took some time"), stderr };
  });
  expect(ours).toEqual(theirs);
});

/** A message about an error names the file, the expression or the rule that is wrong. */
const NAMES_THE_PLACE = /(?:broken|rules)-\d+\.yml|expr: |rule: |TestGroup/;

test.skipIf(lacks("peers"))(`${brokenFiles.length} broken unit tests fail as with promtool`, () => {
  using workplace = new Workplace();
  const files = brokenFiles.map(([, text, rules], i) => {
    workplace.write(`rules-${i}.yml`, rules);
    workplace.write(`broken-${i}.yml`, text.replace("RULES", `rules-${i}.yml`));
    return `broken-${i}.yml`;
  });
  const theirs = runners.theirs(workplace.folder, files);
  const ours = runners.ours(workplace.folder, files);
  expect(ours.status).toBe(theirs.status);
  expect(succeededIn(ours)).toEqual(succeededIn(theirs));
  const named = new Map(brokenFiles.map(([what], i) => [what, failuresOf(ours)[i]]));
  for (const [what, failure] of named) if (failure !== undefined) expect(failure, what).toMatch(NAMES_THE_PLACE);
});

const SEED = testSeed();
const RULES = 300;

test.skipIf(lacks("peers"))(
  `${RULES} generated rules give the series and alerts of promtool in each hour of a day (seed ${SEED})`,
  () => {
    const random = new Random(SEED);
    using workplace = new Workplace();
    const { text, alerts } = generatedRules(random, RULES);
    const hours = Array.from({ length: 24 }, (_, hour) => `${hour + 1}h`);
    const inTheHour = ["count_over_time(ALERTS[1h])", "changes(ALERTS_FOR_STATE[1h])"];
    const results = ['{__name__=~"recorded.*"}', "ALERTS", "ALERTS_FOR_STATE", ...inTheHour];
    const scenario: Scenario = [
      "a day",
      // Without an order, promtool evaluates the groups in an order that changes.
      { evaluationInterval: "15m", order: Array.from({ length: RULES / 10 }, (_, i) => `g${i}`) },
      text,
      generatedSeries(random),
      hours.flatMap((hour) => alerts.map((alert) => [hour, alert] as const)),
      hours.flatMap((hour) => results.map((expr) => [expr, hour] as const)),
    ];
    workplace.write("rules.yml", text);
    workplace.write("day.yml", testFileText(scenario, "rules.yml"));
    const theirs = runners.theirs(workplace.folder, ["day.yml"]);
    const ours = runners.ours(workplace.folder, ["day.yml"]);
    const lines = theirs.stderr.split("\n");
    expect(lines.length).toBeGreaterThan(RULES * 24);
    expect(ours.stderr.split("\n")).toEqual(lines);
  },
);
