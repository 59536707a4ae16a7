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
