import { formatDuration } from "@narthex/model";
import type { RuleCheck } from "../rule-check.ts";

export const longInterval: RuleCheck = {
  name: "long-interval",
  severity: "warning",
  help: "The group of a recording rule has an interval above the lookback time, so the recorded series has gaps.",
  check({ spec, group, index }, { options }, report) {
    const interval = group.intervalMs ?? options.evaluationIntervalMs;
    const isFirst = index === group.rules.findIndex(({ kind }) => kind === "recording");
    if (spec.kind !== "recording" || !isFirst || interval <= options.lookbackMs) return;
    report(
      { part: "rule" },
      `the group is evaluated every ${formatDuration(interval)}, but a query finds samples only for ${formatDuration(options.lookbackMs)}, so the recorded series has gaps`,
      `use an interval of at most ${formatDuration(options.lookbackMs)}`,
    );
  },
};
