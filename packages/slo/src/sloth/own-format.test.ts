import { expect, test } from "vitest";
import { levelsOf, problemsOf, rulesOf } from "../testing/slo-text.ts";

const own = (indicator: string, rest = ""): string =>
  `version: narthex/v1\nservice: shop\nslos:\n  - name: speed\n    objective: 99\n    sli: { ${indicator} }\n${rest}`;

const fiveMinutes = async (text: string): Promise<string> => {
  const [level] = await levelsOf(text);
  return rulesOf(level!.groups, "sli")[0]!.expr.replaceAll(/\s+/g, " ");
};

test("a histogram with a threshold becomes the share of slower requests", async () => {
  const classic = own(`latency: { histogram: 'http_seconds{job="api"}', threshold: 400ms }`);
  const total = 'sum (rate(http_seconds_count{job="api"}[5m]))'.replace("sum (", "sum (");
  const good = 'sum (rate(http_seconds_bucket{job="api",le="0.4"}[5m]))';
  expect(await fiveMinutes(classic)).toBe(`( (${total}) - ( (${good}) or 0 * (${total}) ) ) / ( (${total}) > 0 ) `);
  expect(await fiveMinutes(own("latency: { histogram: http_seconds, threshold: 2, by: [handler] }"))).toContain(
    String.raw`sum by (handler) (rate(http_seconds_bucket{le=~"2|2\\.0"}[5m]))`,
  );
  expect(await fiveMinutes(own("latency: { histogram: http_seconds, threshold: 2s, native: true }"))).toContain(
    "1 - histogram_fraction(0, 2, sum (rate(http_seconds{}[5m])))",
  );
});

test("good events or bad events with all events become the share of bad events", async () => {
  const total = "sum(rate(all_total[{{.window}}]))";
  expect(
    await fiveMinutes(own(`events: { good_query: "sum(rate(good_total[{{.window}}]))", total_query: "${total}" }`)),
  ).toBe(
    "( (sum(rate(all_total[5m]))) - ( (sum(rate(good_total[5m]))) or 0 * (sum(rate(all_total[5m]))) ) ) / ( (sum(rate(all_total[5m]))) > 0 ) ",
  );
  expect(
    await fiveMinutes(own(`events: { error_query: "sum(rate(bad_total[{{.window}}]))", total_query: "${total}" }`)),
  ).toBe("( (sum(rate(bad_total[5m]))) or 0 * (sum(rate(all_total[5m]))) ) / ( (sum(rate(all_total[5m]))) > 0 ) ");
});

test("the whole window is counted, in a group with its own interval, and may have any length from a week", async () => {
  const text = own(`raw: { error_ratio_query: "avg_over_time(bad[{{.window}}])" }`, "    window: 2w\n");
  const [level] = await levelsOf(text);
  expect(level!.groups.map(({ name, intervalMs, rules }) => [name, intervalMs, rules.length])).toEqual([
    ["sloth-slo-sli-recordings-shop-speed", undefined, 7],
    ["sloth-slo-period-recordings-shop-speed", 120_000, 1],
    ["sloth-slo-meta-recordings-shop-speed", undefined, 7],
  ]);
  expect(rulesOf(level!.groups, "period")[0]).toMatchObject({
    record: "slo:sli_error:ratio_rate2w",
    expr: "(avg_over_time(bad[2w]))",
  });
  expect(await problemsOf(text.replace("2w", "6d"))).toEqual([
    "slo.yml:7:13: there are no alert windows for the window 6d; write at least 1w, or add an AlertWindows object",
  ]);
});

test.each([
  ["latency: { histogram: 'rate(x[5m])', threshold: 1 }", "the histogram is not a selector with a metric name"],
  [`latency: { histogram: 'x{le="1"}', threshold: 1 }`, "the selector must not contain the label le"],
  ["latency: { histogram: x offset 5m, threshold: 1 }", "the selector must not have a modifier"],
  ["latency: { histogram: x, threshold: soon }", 'the threshold "soon" is not a time'],
  ["latency: { histogram: x, threshold: 1, by: ['a b'] }", "invalid label name: a b"],
  [
    "raw: { error_ratio_query: 'a[{{.window}}]' }, latency: { histogram: x, threshold: 1 }",
    "the objective has several indicators",
  ],
  ["plugin: { id: a }", "plugins in Go for indicators cannot run here"],
])("%s is refused", async (indicator, message) => {
  expect((await problemsOf(own(indicator))).join("\n")).toContain(message);
});
