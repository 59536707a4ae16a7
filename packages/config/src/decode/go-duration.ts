import { DurationError, formatGoDuration, parseGoDuration } from "@narthex/model";
import { type Codec, INVALID, wrongType } from "./codec.ts";
import { decimal, text } from "./plain-values.ts";

const NANOSECONDS_A_MS = 1e6;

/**
 * Codec for a duration as Go writes it, in ms, used for the timeouts of receivers. A number without a unit means
 * nanoseconds.
 */
export const goDuration: Codec<number> = {
  goType: "time.Duration",
  decode(node, context) {
    if (node.kind === "scalar" && (node.tag === "!!int" || node.tag === "!!float")) {
      const count = decimal.decode(node, context);
      return count === INVALID ? INVALID : Math.trunc(count) / NANOSECONDS_A_MS;
    }
    const source = text.decode(node, context);
    if (source === INVALID) return INVALID;
    try {
      return parseGoDuration(source);
    } catch (error) {
      if (!(error instanceof DurationError)) throw error;
      return wrongType(node, "time.Duration", context, "write a duration such as 10s or 1m30s");
    }
  },
  whenNull: () => 0,
  encode: formatGoDuration,
  isZero: (value) => value === 0,
};

/**
 * Codec for durations in Go's notation that Prometheus' YAML library reads as text and Prometheus parses later. In
 * contrast to goDuration, a number needs a unit, and the error names the problem.
 */
export const goDurationText: Codec<number> = {
  ...goDuration,
  decode(node, context) {
    const source = text.decode(node, context);
    if (source === INVALID) return INVALID;
    try {
      return parseGoDuration(source);
    } catch (error) {
      if (!(error instanceof DurationError)) throw error;
      context.reportValue(node, "bad-duration", error.message, "write a duration such as 10s or 1m30s");
      return INVALID;
    }
  },
};
