/**
 * Measures how the CPU time of `task` grows with its input: the time for one input of `size · factor` divided by the
 * time for `factor` inputs of `size`, the best of several tries. The result is about 1 for linear work and about
 * `factor` for quadratic work.
 */
export function growth(size: number, factor: number, task: (size: number) => () => void, tries = 4): number {
  const small = task(size);
  const large = task(size * factor);
  // Runs the task once without measuring, so that V8 compiles its code first.
  small();
  let best = Infinity;
  for (let i = 0; i < tries && best > 3; i++) {
    const apart = cpuOf(() => {
      for (let n = 0; n < factor; n++) small();
    });
    best = Math.min(best, cpuOf(large) / apart);
  }
  return best;
}

/** Returns the CPU time in µs that this process uses for `work`, at least 100. */
function cpuOf(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return Math.max(user + system, 100);
}
