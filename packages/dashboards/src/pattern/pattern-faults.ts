/** Collects faults while something runs; undefined if nobody asks for them. */
let collected: Set<string> | undefined;

/** Notes that an expression was refused or stopped. */
export function noteFault(sentence: string): void {
  collected?.add(sentence);
}

/**
 * Runs a function that matches users' expressions, and returns its result and the faults: a sentence for each expression that was
 * refused, or whose matching was stopped.
 */
export function withFaults<T>(run: () => T): { readonly result: T; readonly faults: readonly string[] } {
  const outer = collected;
  const faults = new Set<string>();
  collected = faults;
  try {
    return { result: run(), faults: [...faults] };
  } finally {
    collected = outer;
  }
}
