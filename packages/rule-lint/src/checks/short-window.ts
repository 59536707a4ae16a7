import { formatDuration } from "@narthex/model";
import { type Call, type Expr, walk } from "@narthex/promql";
import { DataError } from "../data/stored-data.ts";
import { matcherText, selectorText, unwrapped } from "../expression/nodes.ts";
import type { LintContext } from "../lint-context.ts";
import type { RuleCheck } from "../rule-check.ts";

type MatrixSelector = Extract<Expr, { kind: "matrixSelector" }>;

/** Functions that need two samples in each window. */
const OF_TWO: ReadonlySet<string> = new Set(
  "rate irate increase delta idelta deriv predict_linear double_exponential_smoothing changes resets".split(" "),
);

/** Window in ms in which samples are counted to find the interval between them. */
const SAMPLED_MS = 15 * 60_000;

/** A scrape is sometimes a little late, so an interval counts as shorter by this share. */
const TOLERANCE = 0.02;

export const shortWindow: RuleCheck = {
  name: "short-window",
  severity: "warning",
  help: "The window of rate() or a similar function is shorter than two scrape intervals, so it often contains one sample only.",
  async check(rule, context, report) {
    const ranges: { readonly call: Call; readonly argument: MatrixSelector }[] = [];
    walk(rule.spec.expr, (node) => {
      if (node.kind !== "call" || !OF_TWO.has(node.func)) return;
      for (const argument of node.args.map(unwrapped)) {
        if (argument.kind === "matrixSelector" && argument.rangeExpr === null) ranges.push({ call: node, argument });
        const step =
          argument.kind !== "subquery"
            ? 0
            : argument.stepMs === 0
              ? context.options.evaluationIntervalMs
              : argument.stepMs;
        if (
          argument.kind === "subquery" &&
          argument.rangeExpr === null &&
          argument.stepExpr === null &&
          argument.rangeMs < 2 * step
        )
          report(
            { part: "expr", node },
            `${node.func}() needs two samples, but the subquery has a step of ${formatDuration(step)} in a window of ${formatDuration(argument.rangeMs)}`,
            `use a window of at least ${formatDuration(2 * step)}, or a shorter step`,
          );
      }
    });
    for (const { call, argument } of ranges) {
      const interval = await intervalOf(argument, context);
      if (interval === undefined || argument.rangeMs >= 2 * interval.ms * (1 - TOLERANCE)) continue;
      report(
        { part: "expr", node: call },
        `${call.func}() needs two samples, but the window is ${formatDuration(argument.rangeMs)}, and ${interval.text}`,
        `use a window of at least ${formatDuration(Math.ceil((4 * interval.ms) / 1000) * 1000)}: four intervals bear a failed scrape`,
      );
    }
  },
};

/** Returns the interval between stored samples. Without stored samples, returns the scrape interval of the configuration. */
async function intervalOf(
  { selector }: MatrixSelector,
  { options }: LintContext,
): Promise<{ readonly ms: number; readonly text: string } | undefined> {
  const { data, now, scrapeIntervalMs } = options;
  if (data !== undefined) {
    try {
      const query = `max(count_over_time(${matcherText(selector)}[${formatDuration(SAMPLED_MS)}]))`;
      const { greatest } = await data.instant(query, now);
      if (greatest !== undefined && greatest >= 2) {
        const ms = Math.round(SAMPLED_MS / greatest / 100) * 100;
        return { ms, text: `samples of ${selectorText(selector)} are about ${formatDuration(ms)} apart` };
      }
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
    }
  }
  if (scrapeIntervalMs === undefined) return undefined;
  return { ms: scrapeIntervalMs, text: `the scrape interval is ${formatDuration(scrapeIntervalMs)}` };
}
