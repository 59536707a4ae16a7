import type { BenchCase } from "./report.ts";

/** Returns the value of the command-line option `--NAME=VALUE`. */
export function flag(name: string, fallback: string): string {
  const start = `--${name}=`;
  return (
    process.argv
      .slice(2)
      .findLast((word) => word.startsWith(start))
      ?.slice(start.length) ?? fallback
  );
}

/** Returns the value of a numeric command-line option above 0. Any other value ends the run with a message. */
export function numberFlag(name: string, fallback: number): number {
  const text = flag(name, String(fallback));
  const value = Number(text);
  if (!(value > 0)) throw new Error(`--${name}=${text} is no number above 0`);
  return value;
}

/** Returns the number of rounds of a benchmark: `NARTHEX_BENCH_ROUNDS` or `--rounds=`, otherwise `usual`. */
export const rounds = (usual: number): number => positiveOf("NARTHEX_BENCH_ROUNDS") ?? numberFlag("rounds", usual);

/** Returns the factor for the amount of data: `NARTHEX_BENCH_SCALE`, otherwise 1. */
export const scale = (): number => positiveOf("NARTHEX_BENCH_SCALE") ?? 1;

/**
 * Returns the reason why the results must not be saved; undefined if each benchmark has at least its default rounds and
 * data.
 */
export function whyNotKept(cases: readonly Pick<BenchCase, "name" | "usualRounds">[]): string | undefined {
  if (scale() !== 1)
    return `--save keeps figures of the usual amount of data: leave out NARTHEX_BENCH_SCALE=${scale()}`;
  const short = cases.flatMap(({ name, usualRounds = 1 }) =>
    rounds(usualRounds) < usualRounds ? [`${name} has ${usualRounds}`] : [],
  );
  if (short.length === 0) return undefined;
  return `--save keeps figures of at least the usual rounds (${short.join(", ")}): leave out NARTHEX_BENCH_ROUNDS and --rounds`;
}

function positiveOf(name: string): number | undefined {
  const text = process.env[name];
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!(value > 0)) throw new Error(`${name}=${text} is no number above 0`);
  return value;
}
