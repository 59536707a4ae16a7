import { expect, test } from "vitest";
import { runScript } from "./run.ts";
import { scriptEngine } from "./script-engine.ts";

/**
 * Scripts about unusual histograms: with values beyond the largest double, with NaN observations, or with different
 * kinds of buckets.
 */
const CASES: readonly (readonly [what: string, script: string])[] = [
  [
    "an average does not overflow if the sum does",
    `load 1m
       h{i="a"} {{schema:0 count:1.5e308 sum:-1.5e308 buckets:[1.5e308]}}x2
       h{i="b"} {{schema:0 count:1.5e308 sum:-1.5e308 buckets:[1.5e308]}}x2
       h{i="c"} {{schema:0 count:1.5e308 sum:-1.5e308 buckets:[1.5e308]}}x2

     eval instant at 2m avg(h)
       {} {{schema:0 count:1.5e308 sum:-1.5e308 buckets:[1.5e308]}}

     eval instant at 2m sum(h)
       {} {{schema:0 count:Inf sum:-Inf buckets:[Inf]}}

     eval instant at 2m avg_over_time(h{i="a"}[5m])
       {i="a"} {{schema:0 count:1.5e308 sum:-1.5e308 buckets:[1.5e308]}}

     eval instant at 2m sum_over_time(h{i="a"}[5m])
       {i="a"} {{schema:0 count:Inf sum:-Inf buckets:[Inf]}}`,
  ],
  [
    "observations of NaN are beyond all buckets",
    `load 1m
       h {{schema:0 count:10 sum:NaN buckets:[8]}}

     eval instant at 0s histogram_quantile(0.1, h)
       expect info regex: has NaN observations, result is skewed higher
       {} 0.5452538663326288

     eval instant at 0s histogram_quantile(0.9, h)
       expect info regex: has NaN observations, result is NaN
       {} NaN

     eval instant at 0s histogram_fraction(0, 1, h)
       expect info regex: has NaN observations, which are excluded from all fractions
       {} 0.8`,
  ],
  [
    "a window whose first sample has another layout than the next is annotated and has no result",
    `load 1m
       h {{schema:0 count:1 sum:1 buckets:[1]}} {{schema:-53 count:2 sum:1 custom_values:[5] buckets:[2]}} {{schema:-53 count:3 sum:1 custom_values:[5] buckets:[3]}}

     eval instant at 2m increase(h[5m] anchored)
       expect warn regex: mix of histograms with exponential and custom buckets

     eval instant at 1m increase(h[30s] smoothed)
       expect warn regex: mix of histograms with exponential and custom buckets

     eval instant at 1m30s h smoothed
       h {{schema:-53 count:2.5 sum:1 custom_values:[5] buckets:[2.5]}}

     eval instant at 30s h smoothed
       expect warn regex: mix of histograms with exponential and custom buckets

     eval instant at 2m idelta(h[2m])
       expect warn
       {} {{schema:-53 count:1 custom_values:[5] buckets:[1] counter_reset_hint:gauge}}`,
  ],
  [
    "negative observations count from below",
    `load 1m
       h {{schema:0 count:8 sum:-9 z_bucket:2 z_bucket_w:0.5 n_buckets:[2 4]}}

     eval instant at 0s histogram_quantile(0.25, h)
       {} -1.4142135623730951

     eval instant at 0s histogram_quantile(0.75, h)
       {} -0.5

     eval instant at 0s histogram_quantile(0.875, h)
       {} -0.25

     eval instant at 0s histogram_fraction(-1, 0, h)
       {} 0.5`,
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
