import { trimTrailing } from "@narthex/model";
import { templateFunction, type TemplateFunction } from "./function.ts";

const SECOND = 1_000_000_000n;

/** A value of Go's type time.Duration. */
export class GoDuration {
  readonly nanoseconds: bigint;

  constructor(nanoseconds: bigint) {
    this.nanoseconds = nanoseconds;
  }

  static ofSeconds(seconds: number): GoDuration {
    const whole = Math.trunc(seconds);
    return new GoDuration(BigInt(whole) * SECOND + BigInt(Math.trunc((seconds - whole) * 1e9)));
  }

  get seconds(): number {
    return Number(this.nanoseconds / SECOND) + Number(this.nanoseconds % SECOND) / 1e9;
  }

  /** Formats the duration like Go: `1h2m3s`, `1.5s`, `250ms`, `0s`. */
  toString(): string {
    if (this.nanoseconds === 0n) return "0s";
    const sign = this.nanoseconds < 0n ? "-" : "";
    const abs = this.nanoseconds < 0n ? -this.nanoseconds : this.nanoseconds;
    if (abs < 1000n) return `${sign}${abs}ns`;
    if (abs < 1_000_000n) return `${sign}${decimal(abs, 1000n)}µs`;
    if (abs < SECOND) return `${sign}${decimal(abs, 1_000_000n)}ms`;
    const hours = abs / (3600n * SECOND);
    const minutes = (abs / (60n * SECOND)) % 60n;
    const seconds = `${decimal(abs % (60n * SECOND), SECOND)}s`;
    if (hours > 0n) return `${sign}${hours}h${minutes}m${seconds}`;
    return minutes > 0n ? `${sign}${minutes}m${seconds}` : sign + seconds;
  }

  /** Returns the method of time.Duration with this name, which templates may call, or undefined. */
  method(name: string): TemplateFunction | undefined {
    switch (name) {
      case "Seconds":
        return templateFunction([], () => this.seconds);
      case "Minutes":
        return templateFunction([], () => this.seconds / 60);
      case "Hours":
        return templateFunction([], () => this.seconds / 3600);
      case "Milliseconds":
        return templateFunction([], () => this.nanoseconds / 1_000_000n);
      case "Microseconds":
        return templateFunction([], () => this.nanoseconds / 1000n);
      case "Nanoseconds":
        return templateFunction([], () => this.nanoseconds);
      case "String":
        return templateFunction([], () => this.toString());
      case "Abs":
        return templateFunction([], () => new GoDuration(magnitude(this.nanoseconds)));
      case "Truncate":
        return templateFunction(["duration"], (unit) => new GoDuration(truncate(this.nanoseconds, unit.nanoseconds)));
      case "Round":
        return templateFunction(["duration"], (unit) => new GoDuration(round(this.nanoseconds, unit.nanoseconds)));
      default:
        return undefined;
    }
  }
}

const magnitude = (value: bigint): bigint => (value < 0n ? -value : value);

const truncate = (value: bigint, unit: bigint): bigint => (unit <= 0n ? value : value - (value % unit));

function round(value: bigint, unit: bigint): bigint {
  if (unit <= 0n) return value;
  const rest = magnitude(value % unit);
  const base = magnitude(value) - rest + (rest * 2n >= unit ? unit : 0n);
  return value < 0n ? -base : base;
}

/** Returns value / unit as a decimal number without trailing zeros. */
function decimal(value: bigint, unit: bigint): string {
  const width = String(unit).length - 1;
  const fraction = trimTrailing(String(value % unit).padStart(width, "0"), "0");
  return fraction === "" ? String(value / unit) : `${value / unit}.${fraction}`;
}
