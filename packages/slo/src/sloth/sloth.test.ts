import { expect, test } from "vitest";
import { levelsOf, problemsOf, rulesOf } from "../testing/slo-text.ts";

const SERVICE = `version: prometheus/v1
service: shop
labels: { team: web, tier: 2 }
slos:
  - name: answers
    objective: 99.5
    sli:
      events:
        error_query: sum(rate(http_errors_total[{{.window}}]))
        total_query: sum(rate(http_requests_total[{{ .window }}]))
    alerting:
      name: ShopAnswers
      labels: { area: http }
      annotations: { runbook: http://runbook }
      page_alert: { labels: { severity: critical } }
      ticket_alert: { labels: { severity: warning }, annotations: { summary: slow burn } }
`;

const SELECTOR = '{sloth_id="shop-answers", sloth_service="shop", sloth_slo="answers"}';

test("an objective of Sloth becomes its series for each window, its metadata and its two alerts", async () => {
  const [level] = await levelsOf(SERVICE);
  const { groups, objective, windowMs, queries } = level!;
  expect([objective, windowMs]).toEqual([0.995, 30 * 86_400_000]);
  expect(groups.map(({ name, rules }) => [name, rules.length])).toEqual([
    ["sloth-slo-sli-recordings-shop-answers", 8],
    ["sloth-slo-meta-recordings-shop-answers", 7],
    ["sloth-slo-alerts-shop-answers", 2],
  ]);
  const ratios = rulesOf(groups, "sli");
  expect(ratios[0]).toEqual({
    record: "slo:sli_error:ratio_rate5m",
    expr: "(sum(rate(http_errors_total[5m])))\n/\n(sum(rate(http_requests_total[5m])))\n",
    labels: new Map([
      ["sloth_id", "shop-answers"],
      ["sloth_service", "shop"],
      ["sloth_slo", "answers"],
      ["sloth_window", "5m"],
      ["team", "web"],
      ["tier", "2"],
    ]),
  });
  expect(ratios.at(-1)!.expr).toBe(
    `sum_over_time(slo:sli_error:ratio_rate5m${SELECTOR}[30d])\n/ ignoring (sloth_window)\ncount_over_time(slo:sli_error:ratio_rate5m${SELECTOR}[30d])\n`,
  );
  expect(rulesOf(groups, "meta").map(({ expr }) => expr.split("\n")[0])).toEqual([
    "vector(0.995)",
    "vector(1-0.995)",
    "vector(30)",
    `slo:sli_error:ratio_rate5m${SELECTOR}`,
    `slo:sli_error:ratio_rate30d${SELECTOR}`,
    `1 - slo:period_burn_rate:ratio${SELECTOR}`,
    "vector(1)",
  ]);
  expect(queries.errorRatio).toBe(`slo:sli_error:ratio_rate30d${SELECTOR}`);
  expect(queries.windows.map(({ windowMs: ms }) => ms / 60_000)).toEqual([5, 30, 60, 120, 360, 1440, 4320]);
});

test("the alerts compare two pairs of windows with the budget times 14.4, 6, 3 and 1", async () => {
  const [level] = await levelsOf(SERVICE);
  const [page, ticket] = rulesOf(level!.groups, "alerts");
  expect(page!.expr.match(/ratio_rate\w+|\([\d.]+ \* [\d.]+\)/g)).toEqual([
    "ratio_rate5m",
    "(14.4 * 0.005)",
    "ratio_rate1h",
    "(14.4 * 0.005)",
    "ratio_rate30m",
    "(6 * 0.005)",
    "ratio_rate6h",
    "(6 * 0.005)",
  ]);
  expect(ticket!.expr.match(/\(\d+ \*/g)).toEqual(["(3 *", "(3 *", "(1 *", "(1 *"]);
  expect([page!.alert, Object.fromEntries(page!.labels)]).toEqual([
    "ShopAnswers",
    { sloth_severity: "page", area: "http", severity: "critical" },
  ]);
  expect(Object.fromEntries(ticket!.annotations!)).toEqual({
    summary: "slow burn",
    title: "(ticket) {{$labels.sloth_service}} {{$labels.sloth_slo}} SLO error budget burn rate is too fast.",
    runbook: "http://runbook",
  });
  expect(level!.burnRates.map(({ severity, factor }) => [severity, factor])).toEqual([
    ["page", 14.4],
    ["page", 6],
    ["ticket", 3],
    ["ticket", 1],
  ]);
});

test("a Kubernetes object of Sloth, with its spelling of the keys, gives the same rules", async () => {
  const spec = SERVICE.replace("version: prometheus/v1\n", "")
    .replaceAll(/^/gm, "  ")
    .replaceAll(
      /([a-z])_(query|alert):/g,
      (_, letter: string, word: string) => `${letter}${word[0]!.toUpperCase()}${word.slice(1)}:`,
    );
  const object = `apiVersion: sloth.slok.dev/v1\nkind: PrometheusServiceLevel\nmetadata: { name: shop, namespace: default }\nspec:\n${spec}`;
  const [file, inCluster] = [await levelsOf(SERVICE), await levelsOf(object)];
  const withoutInfo = (levels: typeof file) =>
    levels.map(({ groups }) => groups.map(({ rules }) => rules.filter(({ record }) => record !== "sloth_slo_info")));
  expect(withoutInfo(inCluster)).toEqual(withoutInfo(file));
});

test("Sloth's plugins change the rules", async () => {
  const chained = (chain: string): string =>
    SERVICE.replace("    objective:", `    plugins: { chain: [${chain}] }\n    objective:`);
  const intervals = "{ id: sloth.dev/contrib/rule_intervals/v1, config: { interval: { default: 2m, alert: 30s } } }";
  const info = "{ id: sloth.dev/contrib/info_labels/v1, config: { labels: { grade: a } } }";
  const removed = "{ id: sloth.dev/contrib/remove_labels/v1, config: { preserveLabels: [team] } }";
  const spent = "{ id: sloth.dev/contrib/error_budget_exhausted_alert/v1, config: { threshold: 0.1, for: 10m } }";
  const [level] = await levelsOf(chained([intervals, info, removed, spent].join(", ")));
  expect(level!.groups.map(({ intervalMs }) => intervalMs)).toEqual([120_000, 120_000, 30_000]);
  const [meta, infoRule] = [rulesOf(level!.groups, "meta")[0]!, rulesOf(level!.groups, "meta").at(-1)!];
  expect([meta.labels.has("tier"), meta.labels.has("team"), infoRule.labels.get("grade")]).toEqual([false, true, "a"]);
  expect(rulesOf(level!.groups, "alerts").at(-1)).toMatchObject({
    alert: "ErrorBudgetExhausted",
    forMs: 600_000,
    expr: expect.stringMatching(/^slo:period_error_budget_remaining:ratio\{.*team="web".*\} <= 0\.1$/) as string,
  });
  const [corrected] = await levelsOf(chained("{ id: sloth.dev/contrib/denominator_corrected_rules/v1 }"));
  expect(rulesOf(corrected!.groups, "meta")).toHaveLength(14);
  const [only] = await levelsOf(
    SERVICE.replace(
      "service:",
      "slo_plugins: { overridePrevious: true, chain: [{ id: sloth.dev/core/sli_rules/v1, config: { disableOptimized: true } }] }\nservice:",
    ),
  );
  expect(only!.groups.map(({ rules }) => rules.at(-1)!.expr)).toEqual([
    "(sum(rate(http_errors_total[30d])))\n/\n(sum(rate(http_requests_total[30d])))\n",
  ]);
});

test("an AlertWindows object defines the windows of a period", async () => {
  const windows = `---
apiVersion: sloth.slok.dev/v1
kind: AlertWindows
spec:
  sloPeriod: 30d
  page:
    quick: { errorBudgetPercent: 8, shortWindow: 4m, longWindow: 1h }
    slow: { errorBudgetPercent: 12.5, shortWindow: 30m, longWindow: 6h }
  ticket:
    quick: { errorBudgetPercent: 20, shortWindow: 2h, longWindow: 1d }
    slow: { errorBudgetPercent: 42, shortWindow: 6h, longWindow: 3d }
`;
  const [level] = await levelsOf(SERVICE + windows);
  expect(level!.burnRates.map(({ shortMs, factor }) => [shortMs / 60_000, factor])).toEqual([
    [4, 57.6],
    [30, 15],
    [120, 6],
    [360, expect.closeTo(4.2, 9)],
  ]);
});

test.each([
  [
    "objective: 99.5",
    "objective: 101",
    "slo.yml:6:16: the objective 101 is not a percentage; write more than 0 and at most 100",
  ],
  [
    "name: answers",
    "name: an swers",
    "slo.yml:5:11: the objective has an invalid name: \"an swers\"; write letters, digits, '.', '_' and '-', with a letter or digit at both ends",
  ],
  [
    "[{{ .window }}]",
    "[5m]",
    "slo.yml:10:22: field total_query: the query does not contain {{.window}}; write [{{.window}}] in place of the range",
  ],
  [
    "sum(rate(http_errors",
    "sum(rote(http_errors",
    'slo.yml:9:22: field error_query: could not parse the query: 1:5: parse error: unknown function with name "rote"',
  ],
  [
    "name: ShopAnswers",
    "name: ''",
    "slo.yml:12:7: the alerts have no name; write name, or disable: true below page_alert and ticket_alert",
  ],
  [
    "error_query",
    "good_query",
    "slo.yml:9:21: good_query is not part of this format; write error_query, or version: narthex/v1",
  ],
  ["team: web", "team: ''", 'slo.yml:3:9: the label "team" has no valid value; write a value'],
  [
    "version: prometheus/v1",
    "version: prometheus/v9",
    "slo.yml:1:1: the document is no known format of objectives; write version: narthex/v1, or the version or apiVersion of Sloth, Pyrra or OpenSLO",
  ],
  ["    sli:", "    sle:", "slo.yml:7:5: field sle not found in type slo; did you mean sli?"],
])("%s as %s is refused with its place and what to do", async (before, after, problem) => {
  expect(await problemsOf(SERVICE.replace(before, after))).toEqual([problem]);
});

test("two objectives with one name are refused, also in different documents", async () => {
  expect(await problemsOf(`${SERVICE}---\n${SERVICE}`)).toEqual([
    "slo.yml:22:5: the objective shop-answers is already in slo.yml:5; rename one of the two",
  ]);
});
