import type { DownsamplingConfig, PrometheusConfig } from "@narthex/config";
import { formatDuration } from "@narthex/model";
import { parseSelector } from "@narthex/promql";
import { type DownsamplingRule, RESOLUTIONS } from "@narthex/tsdb";

/**
 * Shortest retention time as a number of blocks. A downsampling step covers at least one block and at most a third of
 * the retention time.
 */
const MIN_BLOCKS = 3;

/**
 * Returns the reason why the `downsampling` entries of a file cannot be used, with file and line. Undefined if they are
 * valid.
 */
export function downsamplingProblem(file: string, { downsampling }: PrometheusConfig): string | undefined {
  for (const { match, position } of downsampling) {
    const parsed = match === "" ? undefined : parseSelector(match);
    const location = `${file}:${position.line}:${position.column}`;
    if (parsed?.ok === false) return `${location}: match ${JSON.stringify(match)}: ${parsed.errors[0].toString()}`;
  }
  return undefined;
}

/**
 * Returns the reason why the retention time is too short for `downsampling` with blocks of `blockMs`. Undefined if it
 * is long enough.
 */
export function shortRetentionProblem(
  { downsampling }: PrometheusConfig,
  retentionMs: number,
  blockMs: number,
): string | undefined {
  const least = MIN_BLOCKS * blockMs;
  if (downsampling.length === 0 || retentionMs === 0 || retentionMs >= least) return undefined;
  const [given, needed] = [formatDuration(retentionMs), formatDuration(least)];
  return `downsampling: a retention time of ${given} is too short, blocks of samples must be kept for ${needed} at least`;
}

export const downsamplingRules = ({ downsampling }: PrometheusConfig): DownsamplingRule[] => downsampling.map(ruleOf);

function ruleOf({ match, retention }: DownsamplingConfig): DownsamplingRule {
  const parsed = match === "" ? undefined : parseSelector(match);
  const [fine, coarse] = RESOLUTIONS;
  const levels = [
    { resolutionMs: fine, retentionMs: retention.fiveMinutesMs },
    { resolutionMs: coarse, retentionMs: retention.oneHourMs },
  ];
  return {
    matchers: parsed?.ok === true ? parsed.matchers : [],
    levels: levels.flatMap(({ resolutionMs, retentionMs }) =>
      retentionMs === undefined ? [] : [{ resolutionMs, retentionMs }],
    ),
  };
}
