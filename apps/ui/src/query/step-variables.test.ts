import { expect, test } from "vitest";
import { defaultPanel } from "../query-link/panel.ts";
import { runnableExpr } from "./step-variables.ts";

const run = (expr: string, change: Partial<typeof defaultPanel> = {}): string =>
  runnableExpr({ ...defaultPanel, ...change, expr });

test("variables get values for the step, the range and the interval of the scrapes", () => {
  const fixed = { resolution: { type: "fixed", stepSeconds: 30 } } as const;
  expect(run("rate(a[$__rate_interval])", fixed)).toBe("rate(a[1m])");
  expect(run("rate(a[${__rate_interval}])", { ...fixed, scrapeMs: 60_000 })).toBe("rate(a[4m])");
  expect(run("a[$__range:$__interval] / $__range_s", fixed)).toBe("a[3600s:30s] / 3600");
  expect(run("$__interval_ms + $__rate_interval_ms + $__range_ms", fixed)).toBe("30000 + 60000 + 3600000");
});

test("a longer range has a longer step, so that the window of rate() grows", () => {
  expect(run("[$__rate_interval]", { rangeMs: 86_400_000 })).toBe("[6m]");
  expect(run("[$__rate_interval]")).toBe("[1m]");
});

test.each(["up", "$host", "$__unknown", "${__from:date}", "$constructor", "a$"])("%s stays", (expr) => {
  expect(run(expr)).toBe(expr);
});
