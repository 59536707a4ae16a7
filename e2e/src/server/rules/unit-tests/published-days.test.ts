import { testSeed } from "@narthex/runtime/testing";
import { afterAll, expect, test } from "vitest";
import { Random } from "../../../support/random.ts";
import { lacks } from "../../../support/requirements.ts";
import { Workplace } from "../../../support/workplace.ts";
import { packRules, publishedRules } from "../published-rules.ts";
import { type Day, firedIn, madeUp, oneFile, testDays } from "./day.ts";

const SEED = testSeed();
/** Number of files of NARTHEX_PUBLISHED_RULES that are tested. By default a sample, which takes less than a minute. */
const COUNT = Number(process.env["NARTHEX_PUBLISHED_DAYS"] ?? 6);
/** Number of files that one command tests. */
const BATCH = 8;
/** Number of further runs of promtool in which a line of ours may occur. */
const MAX_RUNS = 40;
/** Number of times that a file is tested again without the rules that failed. */
const MAX_ROUNDS = 6;

/** Returns at most `count` items of a list, at equal distances. */
const sampleOf = <T>(list: readonly T[], count: number): readonly T[] =>
  list.length <= count ? list : Array.from({ length: count }, (_, i) => list[Math.floor((i * list.length) / count)]!);

/** The alert pack's own days are those of its incidents. Here a few of its files have random series. */
const texts = [...sampleOf(packRules(), 2), ...sampleOf(publishedRules(), COUNT)];
const batches = Array.from({ length: Math.ceil(texts.length / BATCH) }, (_, i) =>
  texts.slice(i * BATCH, (i + 1) * BATCH),
);

const seen = { files: 0, rules: 0, failedRules: 0, lines: 0, alerts: 0 };

afterAll(() => process.stdout.write(`${JSON.stringify(seen)}\n`));

/** The rule that fails in a line of promtool's output. */
const failingRule = (line: string): string | undefined => /^ {4}rule: (.*), time: [^,]*, err: /.exec(line)?.[1];

/** Removes the pair of series that an error names: in a large group of duplicates, each program finds another pair. */
const withoutPair = (line: string): string =>
  failingRule(line) === undefined
    ? line
    : line.replace(
        /(found duplicate series for the match group \{.*?\} on the (?:left|right) hand-side of the operation: ).*/,
        "$1",
      );

/**
 * Returns the lines of `ours` that differ at their place from every run of promtool, each with promtool's line. promtool
 * lists the series that a template queries in random order, so it runs again while a line differs.
 */
function unlike(
  ours: readonly string[],
  theirs: readonly string[],
  theirsAgain: () => readonly string[],
): readonly (readonly [theirs: string, ours: string])[] {
  expect(ours.length).toBe(theirs.length);
  const differIn = (run: readonly string[]) => (i: number) => withoutPair(ours[i]!) !== withoutPair(run[i]!);
  let open = [...ours.keys()].filter(differIn(theirs));
  for (let run = 0; run < MAX_RUNS && open.length > 0; run++) open = open.filter(differIn(theirsAgain()));
  return open.map((i) => [theirs[i]!, ours[i]!]);
}

/** Returns the day without the given rules; undefined if no rule is left. */
function withoutRules({ rules, series }: Day, names: ReadonlySet<string>): Day | undefined {
  const groups = rules.groups
    .map((group) => ({ ...group, rules: group.rules.filter(({ alert, record }) => !names.has(alert ?? record ?? "")) }))
    .filter((group) => group.rules.length > 0);
  return groups.length === 0 ? undefined : { rules: { groups }, series };
}

const rulesOf = ({ rules }: Day) => rules.groups.flatMap((group) => group.rules);

test.skipIf(lacks("peers")).each(batches.map((batch, i) => [i, batch] as const))(
  `published rules give the series and alerts of promtool during a day, batch %i (seed ${SEED})`,
  (number, batch) => {
    const random = new Random(SEED + number);
    let days: readonly Day[] = batch.map((text) => ({ rules: oneFile([text]), series: madeUp(random, [text]) }));
    seen.files += days.length;
    seen.rules += days.flatMap(rulesOf).length;
    // promtool ends a test at the first evaluation in which a rule fails. The test is repeated without such rules.
    for (let round = 0; days.length > 0; round++) {
      using workplace = new Workplace();
      const { theirs, ours, theirsAgain } = testDays(workplace, days);
      expect(unlike(ours, theirs, theirsAgain)).toEqual([]);
      seen.lines += theirs.length;
      seen.alerts += firedIn(theirs).size;
      const failed = new Set(theirs.flatMap((line) => failingRule(line) ?? []));
      expect(round, [...failed].join()).toBeLessThan(MAX_ROUNDS);
      const again = days.filter((day) => rulesOf(day).some(({ alert, record }) => failed.has(alert ?? record ?? "")));
      days = again.flatMap((day) => withoutRules(day, failed) ?? []);
      seen.failedRules += failed.size;
    }
  },
);
