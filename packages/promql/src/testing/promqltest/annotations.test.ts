import { expect, test } from "vitest";
import { runLoad } from "./load.ts";
import { parseScript } from "./script.ts";
import { scriptEngine } from "./script-engine.ts";
import { ScriptStorage } from "./storage.ts";

const SERIES = `load 1m
g 1 2 3
m_total 1 2 3
mix 1 2 {{count:4 sum:5 buckets:[1 2 1]}}
counter {{count:4 sum:5 buckets:[1 2 1]}}+{{count:4 sum:5 buckets:[1 2 1]}}x3
gauge {{count:4 sum:5 buckets:[1 2 1] counter_reset_hint:gauge}}x3
custom{i="a"} {{schema:-53 count:6 sum:9 custom_values:[1 2 5] buckets:[1 2 1 2]}}x3
custom{i="b"} {{schema:-53 count:4 sum:9 custom_values:[1 5] buckets:[1 2 1]}}x3
bounds {{schema:-53 count:4 sum:9 custom_values:[1 5] buckets:[1 2 1]}} {{schema:-53 count:7 sum:12 custom_values:[1 2 5] buckets:[2 2 1 2]}} {{schema:-53 count:8 sum:13 custom_values:[1 2 5] buckets:[2 2 2 2]}}
schemas {{count:4 sum:5 buckets:[1 2 1]}} {{schema:-53 count:4 sum:9 custom_values:[1 5] buckets:[1 2 1]}} {{count:8 sum:9 buckets:[2 4 2]}}
le_bucket{le="1"} 1 2 3
le_bucket{le="x"} 1 2 3
falling_bucket{le="1"} 3 5 9
falling_bucket{le="2"} 2 2 2
falling_bucket{le="+Inf"} 4 4 9
both_bucket{le="1"} 1 1 1
both_bucket {{count:4 sum:5 buckets:[1 2 1]}}x3`;

/** Queries at the time 2m. The expected warnings and infos follow each query. */
const CASES = `
rate(g[5m])
  info: metric might not be a counter, name does not end in _total/_sum/_count/_bucket: "g" (1:6)
rate(m_total[5m])
delta(m_total[5m])
irate(g[5m])
increase(mix[5m])
  warning: encountered a mix of histograms and floats for metric name "mix" (1:10)
irate(mix[2m])
  warning: encountered a mix of histograms and floats for metric name "mix" (1:7)
idelta(mix[2m])
  warning: encountered a mix of histograms and floats for metric name "mix" (1:8)
delta(counter[5m])
  warning: this native histogram metric is not a gauge: "counter" (1:7)
idelta(counter[5m])
  warning: this native histogram metric is not a gauge: "counter" (1:8)
rate(gauge[5m])
  warning: this native histogram metric is not a counter: "gauge" (1:6)
irate(gauge[5m])
  warning: this native histogram metric is not a counter: "gauge" (1:7)
delta(gauge[5m])
rate(bounds[5m])
  info: mismatched custom buckets were reconciled during subtraction (1:6)
rate(bounds[2m])
irate(bounds[2m])
idelta(bounds[3m] @ 60)
  warning: this native histogram metric is not a gauge: "bounds" (1:8)
  info: mismatched custom buckets were reconciled during subtraction (1:8)
rate(schemas[5m])
  warning: vector contains a mix of histograms with exponential and custom buckets schemas for metric name "schemas" (1:6)
irate(schemas[5m])
idelta(schemas[5m])
  warning: this native histogram metric is not a gauge: "schemas" (1:8)
  warning: vector contains a mix of histograms with exponential and custom buckets schemas for metric name "schemas" (1:8)
sum_over_time(schemas[5m])
  warning: vector contains a mix of histograms with exponential and custom buckets schemas for metric name "schemas" (1:15)
avg_over_time(schemas[5m])
  warning: vector contains a mix of histograms with exponential and custom buckets schemas for metric name "schemas" (1:15)
sum_over_time(bounds[5m])
  info: mismatched custom buckets were reconciled during aggregation (1:15)
avg_over_time(bounds[5m])
  info: mismatched custom buckets were reconciled during aggregation (1:15)
sum_over_time(mix[5m])
  warning: encountered a mix of histograms and floats for metric name "mix" (1:15)
avg_over_time(mix[5m])
  warning: encountered a mix of histograms and floats for metric name "mix" (1:15)
max_over_time(mix[5m])
  info: ignored histograms in a range containing both floats and histograms for metric name "mix" (1:15)
min_over_time(mix[5m])
  info: ignored histograms in a range containing both floats and histograms for metric name "mix" (1:15)
stddev_over_time(mix[5m])
  info: ignored histograms in a range containing both floats and histograms for metric name "mix" (1:18)
stdvar_over_time(mix[5m])
  info: ignored histograms in a range containing both floats and histograms for metric name "mix" (1:18)
mad_over_time(mix[5m])
  info: ignored histograms in a range containing both floats and histograms for metric name "mix" (1:15)
quantile_over_time(0.5, mix[5m])
  info: ignored histograms in a range containing both floats and histograms for metric name "mix" (1:20)
quantile_over_time(2, g[5m])
  warning: quantile value should be between 0 and 1, got 2 (1:20)
ts_of_max_over_time(mix[5m])
  info: ignored histograms in a range containing both floats and histograms for metric name "mix" (1:21)
ts_of_min_over_time(mix[5m])
  info: ignored histograms in a range containing both floats and histograms for metric name "mix" (1:21)
deriv(mix[5m])
  info: ignored histograms in a range containing both floats and histograms for metric name "mix" (1:7)
predict_linear(mix[5m], 1)
  info: ignored histograms in a range containing both floats and histograms for metric name "mix" (1:16)
double_exponential_smoothing(mix[5m], 0.5, 0.5)
  info: ignored histograms in a range containing both floats and histograms for metric name "mix" (1:30)
count_over_time(mix[5m])
changes(mix[5m])
sum(custom)
  info: mismatched custom buckets were reconciled during aggregation (1:5)
avg(custom)
  info: mismatched custom buckets were reconciled during aggregation (1:5)
sum({__name__=~"custom|counter"})
  warning: vector contains a mix of histograms with exponential and custom buckets schemas for metric name "custom" (1:5)
avg({__name__=~"g|counter"})
  warning: encountered a mix of histograms and floats for aggregation (1:5)
sum({__name__=~"g|counter"})
  warning: encountered a mix of histograms and floats for aggregation (1:5)
max({__name__=~"g|counter"})
  info: ignored histogram in max aggregation (1:5)
min({__name__=~"g|counter"})
  info: ignored histogram in min aggregation (1:5)
stddev({__name__=~"g|counter"})
  info: ignored histogram in stddev aggregation (1:8)
stdvar({__name__=~"g|counter"})
  info: ignored histogram in stdvar aggregation (1:8)
quantile(0.5, {__name__=~"g|counter"})
  info: ignored histogram in quantile aggregation (1:15)
quantile(-2, {__name__=~"g|counter"})
  warning: quantile value should be between 0 and 1, got -2 (1:10)
  info: ignored histogram in quantile aggregation (1:14)
topk(1, {__name__=~"g|counter"})
  info: ignored histogram in topk aggregation (1:1)
bottomk(1, {__name__=~"g|counter"})
  info: ignored histogram in bottomk aggregation (1:1)
limitk(1, {__name__=~"g|counter"})
limit_ratio(2, g)
  warning: ratio value should be between -1 and 1, got 2, capping to 1 (1:13)
limit_ratio(-2, g)
  warning: ratio value should be between -1 and 1, got -2, capping to -1 (1:13)
limit_ratio(0, g)
limit_ratio(1, g)
limit_ratio(-1, g)
count(counter)
g + counter
  info: incompatible sample types encountered for binary operator "+": float + histogram (1:1)
counter + on () g
  info: incompatible sample types encountered for binary operator "+": histogram + float (1:1)
counter * on () counter
  info: incompatible sample types encountered for binary operator "*": histogram * histogram (1:1)
g / on () counter
  info: incompatible sample types encountered for binary operator "/": float / histogram (1:1)
counter > on () g
  info: incompatible sample types encountered for binary operator ">": histogram > float (1:1)
counter ^ 2
  info: incompatible sample types encountered for binary operator "^": histogram ^ float (1:1)
2 / counter
  info: incompatible sample types encountered for binary operator "/": float / histogram (1:1)
counter + 2
  info: incompatible sample types encountered for binary operator "+": histogram + float (1:1)
counter > 2
  info: incompatible sample types encountered for binary operator ">": histogram > float (1:1)
counter atan2 on () counter
  info: incompatible sample types encountered for binary operator "atan2": histogram atan2 histogram (1:1)
counter </ on () counter
  info: incompatible sample types encountered for binary operator "</": histogram </ histogram (1:1)
g </ 2
  info: incompatible sample types encountered for binary operator "</": float </ float (1:1)
counter + on () gauge
counter - on () gauge
counter - on () counter
custom{i="a"} + on () custom{i="b"}
  info: mismatched custom buckets were reconciled during addition (1:1)
custom{i="a"} - on () custom{i="b"}
  info: mismatched custom buckets were reconciled during subtraction (1:1)
custom{i="a"} == on () custom{i="b"}
custom{i="a"} + on () counter
  warning: incompatible bucket layout encountered for binary operator + (1:1)
histogram_quantile(0.5, le_bucket)
  warning: bucket label "le" is missing or has a malformed value of "x" for metric name "le_bucket" (1:25)
histogram_quantile(0.5, falling_bucket)
  info: input to histogram_quantile needed to be fixed for monotonicity (see https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile) for metric name "falling_bucket", from buckets 2 to 2, with a max diff of 7, over 1 samples from 1970-01-01T00:02:00Z to 1970-01-01T00:02:00Z (1:25)
histogram_quantile(2, counter)
  warning: quantile value should be between 0 and 1, got 2 (1:20)
histogram_quantile(-1, falling_bucket)
  warning: quantile value should be between 0 and 1, got -1 (1:20)
histogram_quantile(0.5, both_bucket)
  warning: vector contains a mix of classic and native histograms for metric name "both_bucket" (1:25)
histogram_fraction(0, 1, both_bucket)
  warning: vector contains a mix of classic and native histograms for metric name "both_bucket" (1:26)
histogram_fraction(0, 1, le_bucket)
  warning: bucket label "le" is missing or has a malformed value of "x" for metric name "le_bucket" (1:26)
histogram_count(g)
sort(g)
sort_by_label(g, 'i')
m_total
holt_winters(g[5m], 0.5, 0.5)
  fail: 1:1: parse error: unknown function with name "holt_winters"
double_exponential_smoothing(g[5m], 2, 0.5)
  fail: invalid smoothing factor. Expected: 0 < sf < 1, got: 2.000000
sum_over_time(gauge[5m])
rate(mix[5m] @ 60)
  info: metric might not be a counter, name does not end in _total/_sum/_count/_bucket: "mix" (1:6)
quantile_over_time(NaN, g[5m])
  warning: quantile value should be between 0 and 1, got NaN (1:20)
quantile_over_time(0.5, counter[5m])
max_over_time(counter[5m])
absent_over_time(mix[5m])
increase(g[5m:30s])
  info: metric might not be a counter, name does not end in _total/_sum/_count/_bucket: "g" (1:1)
rate(custom[5m])
resets(mix[5m])
first_over_time(mix[5m])
deriv(counter[5m])
max(counter)
  info: ignored histogram in max aggregation (1:5)
topk(1, counter)
  info: ignored histogram in topk aggregation (1:1)
histogram_quantile(0.5, custom)
histogram_quantile(0.5, g)
  warning: bucket label "le" is missing or has a malformed value of "" for metric name "g" (1:25)
scalar(counter)
clamp_min(counter, 1)
abs(counter)
label_replace(counter, 'x', 'y', '', '')
-counter
counter and g
g == 1
g == bool on () counter
  info: incompatible sample types encountered for binary operator "==": float == histogram (1:1)
counter == bool on () counter
counter != on () counter
histogram_fraction(0, NaN, counter)
histogram_stddev(counter)
count_values("v", {__name__=~"g|counter"})
group({__name__=~"g|counter"})
histogram_quantiles(counter, "q", 0.5, 3)
  warning: quantile value should be between 0 and 1, got 3 (1:40)
counter > bool 2
  info: incompatible sample types encountered for binary operator ">": histogram > float (1:1)
g + on () custom{i="a"}
  info: incompatible sample types encountered for binary operator "+": float + histogram (1:1)
custom{i="a"} * 2
2 * counter
counter / 2
histogram_sum(rate(g[5m]))
  info: metric might not be a counter, name does not end in _total/_sum/_count/_bucket: "g" (1:20)
rate(m_total[1m])
rate(gauge[1m])
rate(mix[30s])
delta(schemas[2m])
  warning: vector contains a mix of histograms with exponential and custom buckets schemas for metric name "schemas" (1:7)
increase(mix[5m] anchored)
  warning: encountered a mix of histograms and floats for metric name "mix" (1:10)
delta(mix[1m] smoothed)
  warning: encountered a mix of histograms and floats for metric name "mix" (1:7)
rate(gauge[5m] anchored)
  warning: this native histogram metric is not a counter: "gauge" (1:6)
delta(counter[1m] smoothed)
  warning: this native histogram metric is not a gauge: "counter" (1:7)
delta(gauge[5m] anchored)
rate(counter[5m] smoothed)
increase(bounds[5m] anchored)
  info: mismatched custom buckets were reconciled during subtraction (1:10)
rate(g[5m] anchored)
  info: metric might not be a counter, name does not end in _total/_sum/_count/_bucket: "g" (1:6)
`;

const storage = new ScriptStorage();
for (const command of parseScript(SERIES)) if (command.kind === "load") runLoad(command, storage);

test.each(CASES.trim().split(/\n(?! )/))("%s", async (text) => {
  const [query, ...expected] = text.split("\n  ");
  const outcome = await scriptEngine().instant(storage, query!, 120_000);
  const annotations = outcome.ok ? [...outcome.warnings, ...outcome.infos] : [`fail: ${outcome.error}`];
  expect(annotations.map((line) => line.replace("PromQL ", ""))).toEqual(expected);
});
