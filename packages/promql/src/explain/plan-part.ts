import { formatDuration, gridEnd } from "@narthex/model";
import { selectorsOfTotals } from "../plan/histogram-stats.ts";
import { secondsOf } from "../query-result.ts";
import type { Expr } from "../syntax/ast.ts";
import { valueTypeOf } from "../syntax/value-type.ts";
import type { ExpressionText } from "./expression-text.ts";
import type { PartProfile, ProfiledSelection } from "./query-profile.ts";

/** Cost of evaluating a part of a query, and size of its result. */
interface PartMeasures {
  /**
   * Number of series of the result that have samples. `samples` is the number of their samples. For a range selector, a
   * sample in several windows counts once.
   */
  readonly series: number;
  readonly samples: number;
  /** Number of samples that the part reads from storage. Each sample counts once. */
  readonly samplesRead: number;
  /** Number of bytes of encoded samples that were decoded for the part. */
  readonly bytesRead: number;
  /**
   * Time in seconds for evaluating the part without its inputs; `totalTime` includes the inputs. Both exclude the time
   * of other work on the thread.
   */
  readonly selfTime: number;
  readonly totalTime: number;
  /** Computing time in seconds. The rest of `selfTime` is the time for which the part waited for other servers. */
  readonly workTime: number;
  readonly serverWaitTime: number;
  /** Time in seconds that other work of the thread took during the evaluation. */
  readonly otherJobsTime: number;
}

/** The series that a part reads from storage. */
export interface PartSelection {
  readonly matchers: readonly string[];
  /** Start and end of the selected time, seconds since 1970, both inclusive. */
  readonly start: number;
  readonly end: number;
  /** Number of selected series; set only after a run. */
  readonly series?: number;
}

/** A part of a query's plan in the form of the API. */
export interface PlanPart {
  readonly operator: string;
  readonly expression: string;
  readonly type: string;
  /** Number of times at which the part is evaluated. */
  readonly steps: number;
  /** Sentences about optimizations, such as that the part shares the result of an equal part. */
  readonly notes: readonly string[];
  readonly selections: readonly PartSelection[];
  /** Cost and size; set only after a run. */
  readonly measured?: PartMeasures;
  readonly inputs: readonly PlanPart[];
}

/**
 * Simplifies a plan for display, and returns its new root. Removes parentheses, and counts the samples of a range
 * selector at the selection of its series.
 */
export function tidyPlan(part: PartProfile): PartProfile {
  for (const [i, input] of part.inputs.entries()) part.inputs[i] = tidyPlan(input);
  const [input] = part.inputs;
  if (part.expr.kind === "paren" && input !== undefined) {
    input.workMs += part.workMs;
    input.otherJobsMs += part.otherJobsMs;
    input.serverWaitMs += part.serverWaitMs;
    input.isOnce ||= part.isOnce;
    return input;
  }
  if (part.expr.kind !== "call" && part.expr.kind !== "vectorSelector") return part;
  const range = part.inputs.find(({ expr }) => expr.kind === "matrixSelector");
  if (range !== undefined) {
    range.samplesRead += part.samplesRead;
    part.samplesRead = 0;
  }
  return part;
}

/** Converts a plan from tidyPlan() to the form of the API, with costs if the query was run. */
export function planPartOf(root: PartProfile, texts: ExpressionText, isMeasured: boolean): PlanPart {
  const claims = new Map<string, number>();
  const count = (part: PartProfile): void => {
    for (const selection of part.selections) claims.set(keyOf(selection), (claims.get(keyOf(selection)) ?? 0) + 1);
    part.inputs.forEach(count);
  };
  count(root);
  const totals = new Set<Expr>(selectorsOfTotals(root.expr));
  const totalMs = totalTimes(root);
  const describePart = (part: PartProfile): PlanPart => ({
    operator: operatorOf(part.expr),
    expression: texts.of(part.expr),
    type: valueTypeOf(part.expr),
    steps: part.isOnce ? Math.min(1, part.grid.count) : part.grid.count,
    notes: notesOf(part, claims, totals),
    selections: part.selections.map(({ request, series }) => ({
      matchers: request.matchers.map(String),
      start: request.start / 1000,
      end: request.end / 1000,
      ...(isMeasured && { series: series ?? 0 }),
    })),
    ...(isMeasured && { measured: measuresOf(part, totalMs.get(part)!) }),
    inputs: part.inputs.map(describePart),
  });
  return describePart(root);
}

/** Returns the time of each part including its inputs, ms. */
function totalTimes(root: PartProfile): ReadonlyMap<PartProfile, number> {
  const totals = new Map<PartProfile, number>();
  const totalOf = (part: PartProfile): number => {
    const total = totals.get(part) ?? part.inputs.reduce((sum, input) => sum + totalOf(input), part.selfMs);
    totals.set(part, total);
    return total;
  };
  totalOf(root);
  return totals;
}

const measuresOf = (part: PartProfile, totalMs: number): PartMeasures => ({
  series: part.series,
  samples: part.samples,
  samplesRead: part.samplesRead,
  bytesRead: part.bytesRead,
  selfTime: secondsOf(part.selfMs),
  totalTime: secondsOf(totalMs),
  workTime: secondsOf(part.workMs),
  serverWaitTime: secondsOf(part.serverWaitMs),
  otherJobsTime: secondsOf(part.otherJobsMs),
});

const keyOf = ({ request }: ProfiledSelection): string => request.matchers.map(String).sort().join(",");

function operatorOf(expr: Expr): string {
  switch (expr.kind) {
    case "vectorSelector":
      return "selector";
    case "matrixSelector":
      return "range selector";
    case "call":
      return `function ${expr.func}`;
    case "aggregate":
      return `aggregation ${expr.op}`;
    case "binary":
    case "unary":
      return `${expr.kind} ${expr.op}`;
    default:
      return expr.kind;
  }
}

function notesOf(part: PartProfile, claims: ReadonlyMap<string, number>, totals: ReadonlySet<Expr>): string[] {
  const { expr, grid, selections } = part;
  const notes: string[] = [];
  if (part.isOnce && grid.count > 1) notes.push(`the same at all ${grid.count} steps: evaluated once`);
  if (part.isShared) notes.push("occurs several times in the query: evaluated once");
  for (const selection of selections) {
    const { func, range } = selection.request;
    const sharing = claims.get(keyOf(selection))!;
    if (sharing > 1) notes.push(`one selection for ${sharing} selectors with the same matchers`);
    else if (func !== "" && range > 0) notes.push(`hint for the storage: ${func}() over ${formatDuration(range)}`);
    else if (func !== "") notes.push(`hint for the storage: ${func}()`);
  }
  if (expr.kind === "vectorSelector" && (part.isOnce || grid.start === gridEnd(grid)))
    notes.push("only the newest sample of each series is read");
  if (totals.has(expr)) notes.push("histograms are read without their buckets");
  return notes;
}
