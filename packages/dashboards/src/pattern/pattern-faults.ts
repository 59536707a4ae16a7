/** Faults that are being collected; undefined if no caller collects them. */
let collected: Set<string> | undefined;

/** Records that an expression was refused or stopped. */
export function noteFault(sentence: string): void {
  collected?.add(sentence);
}

/**
 * Runs a function that matches users' expressions. Returns its result and the faults: a sentence for each expression
 * that was refused, or whose matching was stopped.
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
