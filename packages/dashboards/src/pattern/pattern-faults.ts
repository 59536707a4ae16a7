/**
 * Messages about users' regular expressions that the current `collectFaults()` call collects; undefined outside of a
 * call.
 */
let collected: Set<string> | undefined;

/** Reports a message about a user's regular expression that was refused, or whose matching was stopped. */
export function addFault(sentence: string): void {
  collected?.add(sentence);
}

/**
 * Runs a function that matches users' regular expressions. Returns its result, and a message for each expression that
 * was refused or whose matching was stopped.
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
