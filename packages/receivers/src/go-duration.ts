import { type Codec, INVALID, text } from "@narthex/config";
import { formatGoDuration } from "@narthex/model";

const UNIT_MS: Readonly<Record<string, number>> = {
  h: 3_600_000,
  m: 60_000,
  s: 1000,
  ms: 1,
  us: 1e-3,
  µs: 1e-3,
  ns: 1e-6,
};

/** Ms of a Go duration such as `1m30s` or `1.5h`, undefined where it is none. */
function parseGoDuration(source: string): number | undefined {
  if (source === "0") return 0;
  const sign = source.startsWith("-") ? -1 : 1;
  const body = source.replace(/^[+-]/, "");
  if (!/^(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|ms|h|m|s))+$/.test(body)) return undefined;
  let total = 0;
  for (const [, amount, unit] of body.matchAll(/(\d+\.?\d*|\.\d+)(ns|us|µs|ms|h|m|s)/g)) {
    total += Number(amount) * UNIT_MS[unit!]!;
  }
  return sign * total;
}

/** A duration as Go writes it, in ms: receivers' timeouts have this form. */
export const goDuration: Codec<number> = {
  goType: "time.Duration",
  decode(node, context) {
    const source = text.decode(node, context);
    if (source === INVALID) return INVALID;
    const ms = parseGoDuration(source);
    if (ms !== undefined) return ms;
    const message = `time: invalid duration ${JSON.stringify(source)}`;
    context.reportValue(node, "bad-duration", message, "write a duration such as 10s or 1m30s");
    return INVALID;
  },
  encode: formatGoDuration,
  isZero: (value) => value === 0,
};
