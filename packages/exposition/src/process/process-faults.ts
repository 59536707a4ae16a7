import { eventLoop, type InternalErrors, type LoopReport, uncaughtErrors } from "@narthex/runtime";
import { family, type MetricFamily, sample } from "../family.ts";

/**
 * Returns metrics about failures of the process. Prometheus' programs do not have these metrics. Unexpected errors are
 * included only after the first one; metrics of the event loop only if `showsLoop` is set.
 * @param parts errors that parts of the server have caught
 */
export function processFaults(
  parts: readonly InternalErrors[],
  { showsLoop, loop = eventLoop.report, uncaught = uncaughtErrors }: FaultOptions,
): readonly MetricFamily[] {
  return [...errorFamilies([...parts, uncaught]), ...(showsLoop ? loopFamilies(loop) : [])];
}

interface FaultOptions {
  /** Whether to include metrics of the event loop. */
  readonly showsLoop: boolean;
  readonly loop?: LoopReport;
  readonly uncaught?: InternalErrors;
}

function errorFamilies(all: readonly InternalErrors[]): readonly MetricFamily[] {
  const samples = all.flatMap(({ counts }) => Array.from(counts, ([component, count]) => sample(count, { component })));
  if (samples.length === 0) return [];
  const help =
    "Errors that the program did not foresee, each of which cost one unit of work. The log has their stacks.";
  return [family("counter", "narthex_internal_errors_total", help, samples)];
}

function loopFamilies({ longestTurnSeconds, stalls }: LoopReport): readonly MetricFamily[] {
  const longest = family(
    "gauge",
    "narthex_event_loop_longest_turn_seconds",
    "Longest turn of the event loop in the last ten minutes, to within 0.1 s.",
    longestTurnSeconds,
  );
  const samples = Array.from(stalls, ([kind, count]) => sample(count, { kind }));
  const help = "Turns of the event loop over 1 s, by the kind of operation. The log names each operation.";
  return [longest, ...(stalls.size === 0 ? [] : [family("counter", "narthex_event_loop_stalls_total", help, samples)])];
}
