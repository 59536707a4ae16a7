import { expect, test } from "vitest";
import { runScript } from "./run.ts";
import { scriptEngine } from "./script-engine.ts";

/** Scripts about error-prone cases. All features of the engine are enabled. */
const CASES: readonly (readonly [what: string, script: string])[] = [
  [
    "end(), range() and @ end() speak of the end as asked for, not of the last step",
    `load 10s
       m 0+1x20

     eval range from 0s to 65s step 30s vector(end())
       {} 65 65 65

     eval range from 0s to 65s step 30s vector(range())
       {} 65 65 65

     eval range from 0s to 25s step 30s vector(step())
       {} 30

     eval range from 0s to 65s step 30s m @ end()
       m 6 6 6

     eval range from 0s to 60s step 20s max_over_time(m[range()])
       {} 0 2 4 6

     eval range from 60s to 125s step 30s min_over_time(m[range()])
       {} 0 3 6`,
  ],
  [
    "sorting over a range is warned of, also where the range has one step",
    `load 10s
       m{i="a"} 1 2
       m{i="b"} 4 3

     eval range from 0s to 10s step 30s sort(m)
       expect warn msg: PromQL warning: sort is ineffective for range queries since results are always ordered by labels (1:1)
       m{i="a"} 1
       m{i="b"} 4

     eval range from 0s to 10s step 10s sort_by_label_desc(m, "i")
       expect warn
       m{i="a"} 1 2
       m{i="b"} 4 3

     eval instant at 10s sort_desc(m)
       expect ordered
       expect no_warn
       m{i="b"} 3
       m{i="a"} 2`,
  ],
  [
    "max_of and min_of let an infinity win over NaN",
    `eval instant at 0s max_of(Inf, NaN)
       Inf

     eval instant at 0s max_of(NaN, 1)
       NaN

     eval instant at 0s min_of(NaN, -Inf)
       -Inf

     eval instant at 0s min_of(3, -0.5)
       -0.5`,
  ],
  [
    "topk that chooses nothing says nothing of histograms",
    `load 1m
       m{i="a"} 3 4
       m{i="b"} {{schema:0 count:2 sum:3 buckets:[1 1]}}x1

     eval instant at 1m topk(0, m)
       expect no_info

     eval range from 0s to 1m step 1m topk(scalar(vector(1)) - 1, m)
       expect no_info

     eval instant at 1m bottomk(1, m)
       expect info msg: PromQL info: ignored histogram in bottomk aggregation (1:1)
       m{i="a"} 4

     eval instant at 1m topk(9223372036854775807, m)
       expect fail msg: Scalar value 9.223372036854776e+18 overflows int64

     eval instant at 1m topk(9223372036854774784, m)
       expect fail msg: Scalar value 9.223372036854775e+18 overflows int64

     eval instant at 1m topk(9223372036854773760, m)
       expect info
       m{i="a"} 4`,
  ],
  [
    "a parameter that differs between steps chooses at each of them",
    `load 1m
       m{i="a"} {{schema:0 count:2 sum:3 buckets:[1 1]}} 3 3
       m{i="b"} {{schema:0 count:2 sum:3 buckets:[1 1]}} 4 2

     eval range from 0s to 2m step 1m topk(time() / 60, m)
       expect no_info
       m{i="a"} _ _ 3
       m{i="b"} _ 4 2

     eval range from 0s to 2m step 1m bottomk(2 - time() / 60, m)
       expect info
       m{i="a"} _ 3

     eval range from 1m to 2m step 1m limit_ratio(time() / 60 - 1, m)
       expect no_warn
       m{i="a"} _ 3
       m{i="b"} _ 2

     eval range from 1m to 2m step 1m limit_ratio(1 - time() / 60, m)
       expect no_warn
       m{i="a"} _ 3
       m{i="b"} _ 2

     eval range from 0s to 1m step 1m topk((time() / 60 - 1) * 9223372036854775808 + time() / 60, m)
       expect fail msg: Scalar value -9.223372036854776e+18 underflows int64

     eval range from 0s to 1m step 1m topk((time() / 60 - 1) * 9223372036854773760 + time() / 60, m)
       m{i="b"} _ 4

     eval range from 0s to 1m step 1m limit_ratio(time() / 0, m)
       expect fail msg: Ratio value is NaN`,
  ],
  [
    "series of several names that lose them collide with each other in joins",
    `load 1m
       a{i="1"} 1 1
       b{i="1"} _ 2
       c 5 6

     eval range from 0s to 0s step 1m {__name__=~"a|b"} + on () group_left () c
       {i="1"} 6

     eval range from 0s to 0s step 1m {__name__=~"a|b"} + on (__name__) {__name__=~"a|b"}
       {} 2

     eval instant at 1m {__name__=~"a|b"} + on (__name__) group_left () {__name__=~"a|b"}
       expect fail msg: vector cannot contain metrics with the same labelset`,
  ],
  [
    "histogram_quantiles names a computed quantile anew at each step",
    `load 1m
       b{le="1"} 5x4
       b{le="2"} 10x4
       b{le="+Inf"} 10x4
       n {{schema:0 count:8 sum:9 offset:1 buckets:[8]}}x4

     eval range from 0s to 2m step 1m histogram_quantiles(b, "q", time() / 120)
       {q="0.0"} 0
       {q="0.5"} _ 1
       {q="1.0"} _ _ 2

     eval range from 0s to 1m step 1m histogram_quantiles(n, "q", 0.5, 0.5 + 0 * time() + scalar(vector(0.5)))
       {q="0.5"} 1.4142135623730951 1.4142135623730951
       {q="1.0"} 2 2

     eval instant at 1m histogram_quantiles(n, "q", NaN, -1, 2)
       expect warn regex: between 0 and 1, got NaN \\(1:\\d+\\)$
       expect warn regex: between 0 and 1, got -1 \\(1:\\d+\\)$
       expect warn regex: between 0 and 1, got 2 \\(1:\\d+\\)$
       {q="NaN"} NaN
       {q="-1.0"} -Inf
       {q="2.0"} +Inf`,
  ],
  [
    "info series that contradict each other matter only where there is something to inform",
    `load 1m
       m{instance="a", job="j"} _ _ 1 1
       target_info{instance="a", job="j", v="1"} 1 1 _ _ _ _ _ _
       target_info{instance="a", job="j", v="2"} 1 1 1 1

     eval range from 0s to 1m step 1m info(m)

     eval range from 2m to 3m step 1m info(m)
       m{instance="a", job="j", v="2"} 1 1

     clear

     load 1m
       m{instance="a", job="j"} 1 1 1 1
       target_info{instance="a", job="j", v="1"} 1 1
       target_info{instance="a", job="j", v="2"} 1 1 1 1

     eval range from 1m to 2m step 1m info(m)
       expect fail msg: found duplicate series for info metric: existing {__name__="target_info", instance="a", job="j", v="1"} @ 60000, new {__name__="target_info", instance="a", job="j", v="2"} @ 60000`,
  ],
  [
    "a subquery as the whole query drops names at the end, and joins what lost them",
    `load 1m
       a 1 2 stale
       b _ _ 3 4

     eval instant at 3m abs({__name__=~"a|b"})[4m:1m]
       expect range vector from 0m to 3m step 1m
       {} 1 2 3 4

     clear

     load 1m
       a 1 2 3
       b 4 5 6

     eval instant at 2m abs({__name__=~"a|b"})[2m:1m]
       expect fail msg: vector cannot contain metrics with the same labelset`,
  ],
  [
    "annotations quote what a name may hold",
    `load 1m
       {"say \\"hi\\""} 1 2 {{count:1}}

     eval instant at 2m rate({"say \\"hi\\""}[3m])
       expect warn msg: PromQL warning: encountered a mix of histograms and floats for metric name "say \\"hi\\"" (1:6)

     eval instant at 1m rate({"say \\"hi\\""}[3m])
       expect info msg: PromQL info: metric might not be a counter, name does not end in _total/_sum/_count/_bucket: "say \\"hi\\"" (1:6)
       {} 0.008333333333333333`,
  ],
  [
    "of a window whose inner histogram has another kind of buckets, only that is said",
    `load 1m
       m {{schema:0 count:1 sum:1 buckets:[1] counter_reset_hint:gauge}}x1 {{schema:-53 count:2 sum:1 custom_values:[5] buckets:[2]}} {{schema:0 count:3 sum:1 buckets:[3] counter_reset_hint:gauge}}

     eval instant at 3m rate(m[4m])
       expect warn msg: PromQL warning: vector contains a mix of histograms with exponential and custom buckets schemas for metric name "m" (1:6)

     eval instant at 2m rate(m[3m])
       expect warn msg: PromQL warning: vector contains a mix of histograms with exponential and custom buckets schemas for metric name "m" (1:6)
       expect warn msg: PromQL warning: this native histogram metric is not a counter: "m" (1:6)`,
  ],
  [
    "one-to-many joins annotate the pair that comes last on the many side",
    `load 1m
       one{i="a"} 1
       one{i="b"} {{schema:0 count:1 sum:1 buckets:[1]}}
       many{i="b", x="1"} 1
       many{i="a", x="2"} {{schema:0 count:1 sum:1 buckets:[1]}}

     eval instant at 0s one - on(i) group_right many
       expect info msg: PromQL info: incompatible sample types encountered for binary operator "-": histogram - float (1:1)`,
  ],
  [
    "behind a stale marker nothing is known of resets",
    `load 1m
       m {{schema:0 count:1 sum:1 buckets:[1]}}x1 stale {{schema:0 count:5 sum:1 buckets:[5]}}x1

     eval instant at 1m m
       m {{schema:0 count:1 sum:1 buckets:[1] counter_reset_hint:not_reset}}

     eval instant at 2m m

     eval instant at 3m m
       m {{schema:0 count:5 sum:1 buckets:[5] counter_reset_hint:unknown}}

     eval instant at 4m m
       m {{schema:0 count:5 sum:1 buckets:[5] counter_reset_hint:not_reset}}`,
  ],
  [
    "of an `or` whose sides differ in keeping the name, the first sample of a series says what becomes of it",
    `load 1m
       m 1 stale _ 4

     eval range from 0m to 3m step 1m m or -(-m offset 1m)
       m 1 1 _ 4

     eval range from 2m to 3m step 1m m or -(-m offset -1m)
       {} 4 4`,
  ],
  [
    "a smoothed range before the first sample takes its value, a rate of it does not",
    `load 1m
       m_total _x4 5 6

     eval instant at 2m m_total[1m] smoothed
       expect range vector from 1m to 2m step 1m
       m_total 5 5

     eval instant at 4m30s m_total[2m] smoothed
       expect range vector from 2m30s to 4m30s step 30s
       m_total 5 _ _ 5 5.5

     eval instant at 2m rate(m_total[1m] smoothed)`,
  ],
];

test.each(CASES)("%s", async (_, script) => {
  const text = script
    .split("\n")
    .map((line) => line.trim())
    .join("\n");
  const { failures, total } = await runScript(text, scriptEngine());
  expect(failures).toEqual([]);
  expect(total).toBeGreaterThan(0);
});
