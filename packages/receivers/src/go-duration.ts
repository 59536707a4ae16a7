import { type Codec, INVALID, text } from "@narthex/config";
import { DurationError, formatGoDuration, parseGoDuration } from "@narthex/model";

/** A duration as Go writes it, in ms: receivers' timeouts have this form. */
export const goDuration: Codec<number> = {
  goType: "time.Duration",
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
  encode: formatGoDuration,
  isZero: (value) => value === 0,
};
