import { Matcher } from "@narthex/model";
import type { Queryable } from "@narthex/storage";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Expr } from "../syntax/ast.ts";
import { parseExpression } from "../syntax/parse.ts";
import { printExpression } from "../syntax/printer.ts";
import { walk } from "../syntax/walk.ts";
import { runLoad } from "../testing/promqltest/load.ts";
import { randomQuery, SERIES } from "../testing/promqltest/random-query.ts";
import { parseScript, SCRIPT_OPTIONS } from "../testing/promqltest/script.ts";
import { scriptEngine } from "../testing/promqltest/script-engine.ts";
import { ScriptStorage } from "../testing/promqltest/storage.ts";
import { restrictQuery, restrictSelectorTexts } from "./restrict-query.ts";
import { restrictSelectors } from "./restrict-selectors.ts";

const TEAM_A = [new Matcher("=", "team", "a")];

function restricted(text: string, matchers: readonly Matcher[] = TEAM_A): string {
  const result = restrictQuery(text, matchers, SCRIPT_OPTIONS);
  if (!result.ok) throw result.error;
  return result.text;
}

test.each([
  ["up", 'up{team="a"}'],
  ['up{team="b"}', 'up{team="a",team="b"}'],
  ['up{team=~".*"} or up{team!="a"}', 'up{team="a",team=~".*"} or up{team!="a",team="a"}'],
  ["{job='x'}", '{job="x",team="a"}'],
  ['{__name__="up"}', '{__name__="up",team="a"}'],
  ['{"a metric", "a label"="x"}', '{"a label"="x",__name__="a metric",team="a"}'],
  ["rate(up[5m] offset 1m)", 'rate(up{team="a"}[5m] offset 1m)'],
  ["max_over_time(sum(rate(up[5m]))[1h:1m] @ end())", 'max_over_time(sum(rate(up{team="a"}[5m]))[1h:1m] @ end())'],
  ["topk(scalar(a), sum by (job) (b))", 'topk(scalar(a{team="a"}), sum by (job) (b{team="a"}))'],
  ["-(a + on (x) group_left () b)", '-(a{team="a"} + on (x) group_left () b{team="a"})'],
  ["absent(up)", 'absent(up{team="a"})'],
  ["info(up)", 'info(up{team="a"}, {team="a"})'],
  ["info(rate(up[1m]), {version=~'.+'})", 'info(rate(up{team="a"}[1m]), {team="a",version=~".+"})'],
  ["vector(1) + time()", "vector(1) + time()"],
])("restrictQuery(%j) adds the matcher to each selector", (text, expected) => {
  expect(restricted(text)).toBe(expected);
});

test.each([
  ["up", '{__name__="up",__name__=~"app_.*"}'],
  ['up{a="b"}', '{__name__="up",__name__=~"app_.*",a="b"}'],
  ["info(up)", 'info({__name__="up",__name__=~"app_.*"}, {__name__="target_info",__name__=~"app_.*"})'],
  [
    "info(up, {__name__!='x'})",
    'info({__name__="up",__name__=~"app_.*"}, {__name__!="x",__name__=~".+_info",__name__=~"app_.*"})',
  ],
])("a matcher for the metric name keeps the name of %j", (text, expected) => {
  expect(restricted(text, [new Matcher("=~", "__name__", "app_.*")])).toBe(expected);
});

test("a text that is not a query is an error", () => {
  expect(restrictQuery("sum(", TEAM_A)).toMatchObject({ ok: false, error: { message: "unclosed left parenthesis" } });
});

test("a query without matchers to add stays as it is written", () => {
  expect(restrictQuery("sum( up )", [])).toEqual({ ok: true, text: "sum( up )" });
});

/** Returns a storage that records the matchers and the series of each selection. */
function recording(storage: Queryable): Queryable & { readonly asked: string[]; readonly teams: Set<string> } {
  const asked: string[] = [];
  const teams = new Set<string>();
  return {
    asked,
    teams,
    querier(minTime, maxTime) {
      const querier = storage.querier(minTime, maxTime);
      return {
        ...querier,
        async select(matchers, hints) {
          asked.push(matchers.map(String).join(","));
          const set = await querier.select(matchers, hints);
          for (const labels of set.labels) teams.add(labels.get("team"));
          return set;
        },
      };
    },
  };
}

/** Returns a storage with SERIES, each with one of the teams or without a team. */
function storageOf(teams: readonly string[], isWanted: (team: string) => boolean): ScriptStorage {
  const [head, ...lines] = SERIES.split("\n");
  const labelled = lines.flatMap((line, i) => {
    const team = teams[i % teams.length]!;
    return isWanted(team) ? [team === "" ? line : line.replace("{", `{team="${team}", `)] : [];
  });
  const storage = new ScriptStorage();
  for (const command of parseScript([head, ...labelled].join("\n")))
    if (command.kind === "load") runLoad(command, storage);
  return storage;
}

function selectorsOf(expr: Expr): readonly (readonly Matcher[])[] {
  const found: (readonly Matcher[])[] = [];
  walk(expr, (part) => void (part.kind === "vectorSelector" && found.push(part.matchers)));
  return found;
}

const parsed = (text: string): Expr => {
  const result = parseExpression(text, SCRIPT_OPTIONS);
  if (!result.ok) throw result.errors[0];
  return result.expr;
};

test("a restricted query reads only series with the label, and its result is that of a storage without other series", async () => {
  const engine = scriptEngine();
  const teams = fc.array(fc.constantFrom("a", "b", ""), { minLength: 1, maxLength: 16 });
  const own = fc.constantFrom("", 'team="b"', 'team!="a"', 'team=~".*"', 'team=""');
  await fc.assert(
    fc.asyncProperty(randomQuery, own, teams, async (query, matcher, assigned) => {
      const text = matcher === "" ? query : query.replaceAll("{", `{${matcher}, `).replaceAll("w", `w{${matcher}}`);
      const original = parseExpression(text, SCRIPT_OPTIONS);
      const written = original.ok ? original.expr : parsed(query);
      const tree = restrictSelectors(written, TEAM_A);
      for (const matchers of selectorsOf(tree)) expect(matchers.map(String)).toContain('team="a"');
      const all = recording(storageOf(assigned, () => true));
      const found = await engine.instant(all, printExpression(tree), 333_000);
      for (const matchers of all.asked) expect(matchers).toContain('team="a"');
      expect([...all.teams].filter((team) => team !== "a")).toEqual([]);
      // Skips expressions with absent() or info(), because the labels of their results depend on the text of the
      // selectors.
      if (/absent|info/.test(text)) return;
      const alone = await engine.instant(
        storageOf(assigned, (team) => team === "a"),
        printExpression(written),
        333_000,
      );
      expect(found.ok ? found.value : "failed").toEqual(alone.ok ? alone.value : "failed");
    }),
    { numRuns: 500 },
  );
}, 60_000);

test("selectors of a listing get the matchers, and no selectors mean the matchers alone", () => {
  expect(restrictSelectorTexts(["up", '{job="x"}'], TEAM_A)).toEqual({
    ok: true,
    texts: ['{team="a",__name__="up"}', '{team="a",job="x"}'],
  });
  expect(restrictSelectorTexts([], TEAM_A)).toEqual({ ok: true, texts: ['{team="a"}'] });
  expect(restrictSelectorTexts(["up["], [])).toEqual({ ok: true, texts: ["up["] });
  expect(restrictSelectorTexts(["up["], TEAM_A)).toMatchObject({ ok: false });
});
