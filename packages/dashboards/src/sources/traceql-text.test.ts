import { expect, test } from "vitest";
import { isMetricsQuery, isTraceId } from "./traceql-text.ts";

test.each(["cafe123", "1", "0123456789ABCDEF0123456789abcdef"])("%s is the id of a trace", (text) => {
  expect(isTraceId(text)).toBe(true);
});

test.each(["", "{}", "xyz", "0123456789abcdef0123456789abcdef0", " cafe"])("%j is not the id of a trace", (text) => {
  expect(isTraceId(text)).toBe(false);
});

test.each(["{} | rate()", "{} |quantile_over_time (duration, .9)", "{} | compare({ status = error })"])(
  "%s computes series",
  (text) => {
    expect(isMetricsQuery(text)).toBe(true);
  },
);

test.each([
  "{ duration > 1s }",
  '{ name = "| rate(" }',
  "{ name = `| rate(` }",
  '{ name = "\\"| rate(" }',
  '{ name = "| rate(',
  "{} // | rate()",
  "{} | select(rate)",
])("%s searches traces", (text) => {
  expect(isMetricsQuery(text)).toBe(false);
});
