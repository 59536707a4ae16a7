/** Messages about users' expressions that the running `collectFaults()` collects; undefined outside of it. */
let collected: Set<string> | undefined;

/** Reports that a user's regular expression was refused, or that its matching was stopped. */
export function addFault(sentence: string): void {
  collected?.add(sentence);
}

/**
 * Runs a function that matches users' expressions. Returns its result, and a sentence for each expression that was
 * refused or whose matching was stopped.
 */
export function collectFaults<T>(run: () => T): { readonly result: T; readonly faults: readonly string[] } {
  const outer = collected;
  const faults = new Set<string>();
  collected = faults;
  try {
    return { result: run(), faults: [...faults] };
  } finally {
    collected = outer;
  }
}
