/** Value of `--NAME=VALUE` on the command line of the benchmarks. */
export function flag(name: string, fallback: string): string {
  const start = `--${name}=`;
  return (
    process.argv
      .slice(2)
      .findLast((word) => word.startsWith(start))
      ?.slice(start.length) ?? fallback
  );
}

/** The same for a number above 0; anything else ends the run with a sentence. */
export function numberFlag(name: string, fallback: number): number {
  const text = flag(name, String(fallback));
  const value = Number(text);
  if (!(value > 0)) throw new Error(`--${name}=${text} is no number above 0`);
  return value;
}

/** Rounds of a case: `NARTHEX_BENCH_ROUNDS` or `--rounds=`, else `usual`. */
export const rounds = (usual: number): number => positiveOf("NARTHEX_BENCH_ROUNDS") ?? numberFlag("rounds", usual);

/** The share of a case's usual amount of data: `NARTHEX_BENCH_SCALE`, else 1. */
export const scale = (): number => positiveOf("NARTHEX_BENCH_SCALE") ?? 1;

/** Why figures of this run are not kept; undefined if each case takes its usual rounds and data. */
export function whyNotKept(): string | undefined {
  const changed = ["NARTHEX_BENCH_ROUNDS", "NARTHEX_BENCH_SCALE"].filter((name) => process.env[name] !== undefined);
  if (flag("rounds", "") !== "") changed.push("--rounds");
  if (changed.length === 0) return undefined;
  return `--save keeps figures of the usual rounds and amounts of data only: leave out ${changed.join(" and ")}`;
}

function positiveOf(name: string): number | undefined {
  const text = process.env[name];
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!(value > 0)) throw new Error(`${name}=${text} is no number above 0`);
  return value;
}
