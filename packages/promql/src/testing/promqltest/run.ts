import type { Queryable } from "@narthex/storage";
import { parseExpression } from "../../syntax/parse.ts";
import { pinnedVariants } from "./at-variants.ts";
import { compareResult, type ScriptValue, unsorted } from "./compare.ts";
import { runLoad } from "./load.ts";
import {
  type EvalCommand,
  type Expectation,
  matchesExpectation,
  type LoadCommand,
  parseScript,
  SCRIPT_OPTIONS,
  ScriptError,
} from "./script.ts";
import { ScriptStorage } from "./storage.ts";

export type ScriptOutcome =
  | {
      readonly ok: true;
      readonly value: ScriptValue;
      readonly warnings: readonly string[];
      readonly infos: readonly string[];
    }
  | { readonly ok: false; readonly error: string };

/**
 * The engine that a promqltest script tests. Scripts expect a lookback of 5m, a subquery step of 1m, at most 10,000
 * samples, delayed name removal, start timestamps, and all language features. Times are in ms.
 */
export interface ScriptEngine {
  instant(storage: Queryable, expr: string, time: number): Promise<ScriptOutcome>;
  range(storage: Queryable, expr: string, start: number, end: number, step: number): Promise<ScriptOutcome>;
}

interface ScriptFailure {
  readonly line: number;
  readonly expr: string;
  readonly problem: string;
}

export interface ScriptReport {
  readonly total: number;
  readonly failures: readonly ScriptFailure[];
}

/**
 * Runs a promqltest script. Runs every eval command, even after failures. Throws ScriptError for an invalid script or
 * load command.
 */
export async function runScript(text: string, engine: ScriptEngine): Promise<ScriptReport> {
  let storage = new ScriptStorage();
  let total = 0;
  const failures: ScriptFailure[] = [];
  for (const command of parseScript(text)) {
    if (command.kind === "clear") storage = new ScriptStorage();
    else if (command.kind === "load") load(command, storage);
    else {
      total++;
      const problem = await runEval(command, storage, engine);
      if (problem !== undefined) failures.push({ line: command.line, expr: command.expr, problem });
    }
  }
  return { total, failures };
}

function load(command: LoadCommand, storage: ScriptStorage): void {
  try {
    runLoad(command, storage);
  } catch (error) {
    throw new ScriptError(command.line, `error loading series: ${(error as Error).message}`);
  }
}

async function runEval(command: EvalCommand, storage: Queryable, engine: ScriptEngine): Promise<string | undefined> {
  if (command.range) {
    const outcome = await engine.range(storage, command.expr, command.start, command.end, command.step);
    return judge(command, outcome);
  }
  const problem = await runInstant(command, storage, engine, command.expr, command.at);
  if (problem !== undefined) return problem;
  const parsed = parseExpression(command.expr, SCRIPT_OPTIONS);
  const variants = parsed.ok ? pinnedVariants(parsed.expr, command.at) : undefined;
  for (const time of variants?.times ?? []) {
    const difference = await runInstant(command, storage, engine, variants!.text, time);
    if (difference !== undefined) return `${variants!.text} at ${time}: ${difference}`;
  }
  return undefined;
}

/**
 * Runs an instant query. Also runs a short range query whose middle evaluation time is the time of the instant query.
 */
async function runInstant(
  command: EvalCommand,
  storage: Queryable,
  engine: ScriptEngine,
  expr: string,
  time: number,
): Promise<string | undefined> {
  const outcome = await engine.instant(storage, expr, time);
  const problem = judge(command, outcome);
  if (problem !== undefined || !outcome.ok || command.instantOnly || /(start|end|range|step)\(\)/.test(expr))
    return problem;
  const range = await engine.range(storage, expr, time - 60_000, time + 60_000, 60_000);
  if (!range.ok) return `range mode: ${range.error}`;
  if (command.ordered) return undefined;
  if (range.value.type !== "matrix") return `range mode: expected a matrix, got ${range.value.type}`;
  const middle = range.value.series.flatMap(({ labels, points }) => {
    const point = points.find(({ timestamp }) => timestamp === time);
    return point === undefined ? [] : [{ labels, value: point.value }];
  });
  const scalar = outcome.value.type === "scalar" ? middle[0]?.value : undefined;
  const value: ScriptValue =
    typeof scalar === "number" ? { type: "scalar", value: scalar } : { type: "vector", samples: middle };
  const difference = unsorted(range.value.series) ?? compareResult(command, value);
  return difference && `range mode: ${difference}`;
}

function judge(command: EvalCommand, outcome: ScriptOutcome): string | undefined {
  const [failure] = command.fail;
  if (!outcome.ok) {
    if (failure === undefined) return `error evaluating query: ${outcome.error}`;
    return matchesExpectation(outcome.error, failure)
      ? undefined
      : `expected error matching ${describe(failure)}, but got: ${outcome.error}`;
  }
  if (failure !== undefined) return "expected error evaluating query but got none";
  return (
    judgeAnnotations("warn", command.warn, command.noWarn, outcome.warnings) ??
    judgeAnnotations("info", command.info, command.noInfo, outcome.infos) ??
    compareResult(command, outcome.value)
  );
}

const describe = ({ message, pattern }: Expectation): string => JSON.stringify(message ?? pattern?.source ?? "");

function judgeAnnotations(
  kind: string,
  expected: readonly Expectation[],
  none: boolean,
  actual: readonly string[],
): string | undefined {
  if (none && actual.length > 0) return `unexpected ${kind} annotations: ${actual.join("; ")}`;
  if (expected.length === 0) return undefined;
  const missing = expected.find((one) => !actual.some((text) => matchesExpectation(text, one)));
  if (missing !== undefined)
    return `expected ${kind} annotation matching ${describe(missing)}, found: ${actual.join("; ") || "none"}`;
  const extra = actual.find((text) => !expected.some((one) => matchesExpectation(text, one)));
  return extra && `unexpected ${kind} annotation ${JSON.stringify(extra)}`;
}
