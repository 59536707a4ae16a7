import type { DownsamplingConfig, PrometheusConfig } from "@narthex/config";
import { formatDuration } from "@narthex/model";
import { parseSelector } from "@narthex/promql";
import { type DownsamplingRule, RESOLUTIONS } from "@narthex/tsdb";

/** What is downsampled at a time is a third of the retention time at most, and a block at least. */
const LEAST_BLOCKS = 3;

/** Why the entries of `downsampling` of a file cannot be used, with the place; undefined where they can. */
export function downsamplingProblem(file: string, { downsampling }: PrometheusConfig): string | undefined {
  for (const { match, position } of downsampling) {
    const parsed = match === "" ? undefined : parseSelector(match);
    const place = `${file}:${position.line}:${position.column}`;
    if (parsed?.ok === false) return `${place}: match ${JSON.stringify(match)}: ${parsed.errors[0].toString()}`;
  }
  return undefined;
}

/** Why samples are not kept long enough for `downsampling`, of which blocks of `blockMs` are to be made; undefined where they are. */
export function shortRetentionProblem(
  { downsampling }: PrometheusConfig,
  retentionMs: number,
  blockMs: number,
): string | undefined {
  const least = LEAST_BLOCKS * blockMs;
  if (downsampling.length === 0 || retentionMs === 0 || retentionMs >= least) return undefined;
  const [given, needed] = [formatDuration(retentionMs), formatDuration(least)];
  return `downsampling: a retention time of ${given} is too short, blocks of samples must be kept for ${needed} at least`;
}

/** The rules of a configuration without such a problem. */
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
