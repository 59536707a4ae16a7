import { DurationError, formatDuration, parseDuration } from "@narthex/model";
import { type Codec, INVALID, scalarOf } from "./codec.ts";

/** Codec for a Prometheus duration (`1h30m`), in ms. */
export const millis: Codec<number> = {
  goType: "string",
  decode(node, context) {
    const scalar = scalarOf(node, "string", context);
    if (scalar === INVALID) return INVALID;
    try {
      return parseDuration(scalar.text);
    } catch (error) {
      if (!(error instanceof DurationError)) throw error;
      context.reportValue(node, "bad-duration", error.message, "write a duration such as 30s, 5m or 1h30m");
      return INVALID;
    }
  },
  whenNull: () => 0,
  encode: formatDuration,
  isZero: (value) => value === 0,
};

const SIZES = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"] as const;

/**
 * Parses a size such as `10MB` or `1GiB500MiB` to bytes. `MB` and `MiB` both mean 1024 × 1024 bytes. Only 0 may have no
 * unit. Returns the error message if the size is invalid.
 */
export function parseByteSize(size: string): number | string {
  if (size === "0") return 0;
  const sign = size.startsWith("-") ? -1 : 1;
  let rest = size.replace(/^[-+]/, "");
  if (rest === "") return "units: invalid ";
  let total = 0;
  while (rest !== "") {
    const part = /^(\d+(?:\.\d*)?|\.\d+)([^\d.]*)/.exec(rest);
    if (part === null) return `units: invalid ${size}`;
    const power = SIZES.findIndex((name) => name === part[2] || name.replace("i", "") === part[2]);
    if (power === -1) return `units: unknown unit ${part[2]!} in ${size}`;
    total += Number(part[1]) * 1024 ** power;
    rest = rest.slice(part[0].length);
  }
  return sign * Math.floor(total);
}

/** Formats a number of bytes as `10MiB` or `1GiB512MiB`: only whole units, the largest first. */
export function formatByteSize(bytes: number): string {
  if (bytes === 0) return "0B";
  let rest = Math.abs(bytes);
  let out = bytes < 0 ? "-" : "";
  for (let power = SIZES.length - 1; power >= 0; power--) {
    const count = Math.floor(rest / 1024 ** power);
    if (count > 0) out += `${count}${SIZES[power]!}`;
    rest -= count * 1024 ** power;
  }
  return out;
}

/** Codec for a byte size with its unit, in bytes. */
export const byteSize: Codec<number> = {
  goType: "string",
  decode(node, context) {
    const scalar = scalarOf(node, "string", context);
    if (scalar === INVALID) return INVALID;
    const size = parseByteSize(scalar.text);
    if (typeof size === "number") return size;
    context.reportValue(node, "bad-size", size, "write a size with its unit, such as 10MB");
    return INVALID;
  },
  whenNull: () => 0,
  encode: formatByteSize,
  isZero: (value) => value === 0,
};
