import { INVALID } from "../decode/codec.ts";
import { millis } from "../decode/measures.ts";
import { text } from "../decode/plain-values.ts";
import { field, optional, section } from "../decode/section.ts";
import type { DownsampledRetention, DownsamplingConfig } from "./downsampling.ts";

const retention = section<DownsampledRetention>("config.plain", {
  fiveMinutesMs: optional("5m", millis),
  oneHourMs: optional("1h", millis),
});

type RawEntry = Omit<DownsamplingConfig, "position">;

/**
 * Section `downsampling`, which Prometheus does not have. Configures how long downsampled data is kept after the
 * original samples were deleted.
 */
export const downsamplingSection = section<RawEntry, DownsamplingConfig>(
  "config.plain",
  {
    match: field("match", text, ""),
    retention: field("retention", retention, retention.empty()),
  },
  (value, at, report) => {
    const { fiveMinutesMs, oneHourMs } = value.retention;
    if (fiveMinutesMs === undefined && oneHourMs === undefined) {
      const hint = "add retention: with 5m, 1h or both, such as {5m: 180d, 1h: 2y}";
      report(at.self, "downsampling-retention", "an entry of downsampling keeps nothing", hint);
      return INVALID;
    }
    return { ...value, position: { line: at.self.line, column: at.self.column } };
  },
);
