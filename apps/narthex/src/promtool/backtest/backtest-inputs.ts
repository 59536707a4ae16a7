import type { ReplayedGroup } from "@narthex/backtest";
import { formatProblem } from "@narthex/config";
import { parseRangeStart, parseTime } from "@narthex/http";
import { groupTiming, loadBehaviourFiles, loadRuleFiles, withBehaviours } from "@narthex/rules";
import type { Host } from "@narthex/runtime";
import { ruleProblemLine } from "../check-rules.ts";
import type { PromtoolContext } from "../command.ts";
import { hostFiles } from "../host-files.ts";
import { BacktestError } from "./backtest-error.ts";
import type { ServerSettings } from "./server-settings.ts";

/** A range of evaluations, Unix ms. */
export interface Range {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Returns the range of the flags --from and --to. Throws BacktestError. */
export function rangeOf(host: Host, from: string, to: string): Range {
  const end = to === "" ? host.clock.now() : parseTime(to);
  if (end === undefined)
    throw new BacktestError(`--to ${JSON.stringify(to)} is not a time; write for example 2026-11-01T00:00:00Z`);
  const start = parseRangeStart(from, end);
  if (start === undefined)
    throw new BacktestError(
      `--from ${JSON.stringify(from)} is not a time; write for example 2026-11-01T00:00:00Z or 7d`,
    );
  if (start >= end) throw new BacktestError("--from is not before --to");
  return { fromMs: Math.floor(start), toMs: Math.floor(end) };
}

/** Reads the groups of rule files with their behaviours and the server's settings. Throws BacktestError. */
export async function groupsOf(
  { host, features }: Omit<PromtoolContext, "stdin">,
  paths: readonly string[],
  behaviourPaths: readonly string[],
  server: ServerSettings,
): Promise<readonly ReplayedGroup[]> {
  const loaded = await loadRuleFiles(paths, { parser: features }, hostFiles(host));
  if (!loaded.ok) throw new BacktestError(loaded.problems.map(ruleProblemLine).join("\n"));
  const entries = await loadBehaviourFiles(behaviourPaths, hostFiles(host));
  if (!entries.ok) throw new BacktestError(entries.problems.map(formatProblem).join("\n"));
  for (const warning of entries.warnings) host.stderr(`WARNING: ${warning}\n`);
  const behaved = withBehaviours(loaded.files, entries.value, features);
  if (!behaved.ok) throw new BacktestError(behaved.problems.map(formatProblem).join("\n"));
  for (const problem of behaved.unused) host.stderr(`WARNING: ${formatProblem(problem)}\n`);
  return [...behaved.files].flatMap(([file, specs]) =>
    specs.map((spec) => ({ file, spec, ...groupTiming(spec, server) })),
  );
}
