import { readFileSync } from "node:fs";
import { testSeed } from "@narthex/runtime/testing";
import { expect, test } from "vitest";
import { Random } from "../../support/random.ts";
import { eventually } from "../../support/eventually.ts";
import { lacks } from "../../support/requirements.ts";
import { type Kind, serve } from "../../support/serving.ts";
import { Workplace } from "../../support/workplace.ts";

const SEED = testSeed();
const GROUPS = 40;
const RULES = 7;

/**
 * Generates a random expression of a rule. It never uses the name of a later rule of the group, because Prometheus
 * versions after 3.5 do not wait for later rules. It never uses a series of alerts, because versions after 3.5 count
 * such a series as the result of its alerting rule.
 */
function expression(random: Random, earlier: readonly string[], prefix: string): string {
  const name = (): string => (earlier.length > 0 && random.chance(55) ? random.pick(earlier) : `${prefix}_raw`);
  const selector = (): string =>
    random.weighted<() => string>([
      [6, name],
      [1, () => `{__name__=~"${name()}|${name()}"}`],
      [1, () => `{__name__="${name()}",job!="none"}`],
      [1, () => `sum(rate(${name()}[1m]))`],
      [1, () => `max_over_time(${name()}[1m:10s])`],
    ])();
  if (random.chance(1)) return '{job="none"}';
  return random.chance(40) ? `${selector()} or ${selector()}` : `(${selector()})`;
}

function groupOf(random: Random, group: number): string {
  const names: string[] = [];
  const lines = Array.from({ length: 1 + random.below(RULES) }, (_, i) => {
    const expr = expression(random, names, `g${group}`);
    const kind = random.chance(20) ? "alert" : "record";
    names.push(`g${group}_${i}`);
    return `      - {${kind}: g${group}_${i}, expr: '${expr}'}\n`;
  });
  return `  - name: g${group}\n    interval: 1s\n    rules:\n${lines.join("")}`;
}

interface Line {
  readonly params: { readonly query: string; readonly start: string };
  readonly ruleGroup?: { readonly name: string };
}

/** Resolves with the queries of each group's first evaluation, in the order in which they finished. */
async function order(kind: Kind, rules: string): Promise<ReadonlyMap<string, readonly string[]>> {
  using workplace = new Workplace();
  workplace.write("rules.yml", rules);
  const config = "global: {query_log_file: query.log}\nrule_files: [rules.yml]\n";
  // With no concurrent evaluations, each rule of a batch ends before the next one begins.
  const flags = ["--enable-feature=concurrent-rule-eval", "--rules.max-concurrent-evals=0"];
  await using _server = await serve(kind, workplace, "data", { config, flags });
  const first = (): Map<string, string[]> => {
    const lines = readFileSync(workplace.path("query.log"), "utf8").split("\n").slice(0, -1);
    const found = new Map<string, { readonly start: string; readonly queries: string[]; isOver: boolean }>();
    for (const line of lines) {
      const { params, ruleGroup } = JSON.parse(line) as Line;
      const group = found.get(ruleGroup!.name) ?? { start: params.start, queries: [], isOver: false };
      found.set(ruleGroup!.name, group);
      if (group.start === params.start) group.queries.push(params.query);
      else group.isOver = true;
    }
    return new Map([...found].flatMap(([name, { queries, isOver }]) => (isOver ? [[name, queries]] : [])));
  };
  await eventually("each group was evaluated", async () => expect(first().size).toBe(GROUPS));
  return first();
}

test.skipIf(lacks("peers"))(
  `rules of a group are divided into the same batches as by Prometheus (seed ${SEED})`,
  async () => {
    const random = new Random(SEED);
    const rules = `groups:\n${Array.from({ length: GROUPS }, (_, i) => groupOf(random, i)).join("")}`;
    const [ours, theirs] = await Promise.all([order("narthex", rules), order("prometheus", rules)]);
    expect([...ours].toSorted()).toEqual([...theirs].toSorted());
  },
);
