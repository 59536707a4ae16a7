/** Maximum time between the two keys of a sequence, ms. */
const PAUSE_MS = 1500;
/** Keys that start a sequence anywhere on a dashboard. The key after one of them is not a shortcut of its own. */
const PREFIXES: ReadonlySet<string> = new Set(["t", "p", "d", "g"]);

/** Reports whether the user is typing into an element; then keys are text. */
export function isWriting(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || /^(?:INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

/**
 * Returns a function that maps the keys of a page to actions, one key at a time. Actions are indexed by their keys:
 * `v`, or `p s` for two in a row.
 */
export function keySequenceReader<Action>(
  actions: Readonly<Record<string, Action>>,
): (event: KeyboardEvent) => Action | undefined {
  let prefix = "";
  let begun = Number.NEGATIVE_INFINITY;
  return (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isWriting(event.target)) return undefined;
    // Shift is pressed before a plus.
    if (event.key === "Shift") return undefined;
    const follows = prefix !== "" && event.timeStamp - begun <= PAUSE_MS;
    const sequence = follows ? `${prefix} ${event.key}` : event.key;
    const isPrefix = PREFIXES.has(event.key) && !(follows && Object.hasOwn(actions, sequence));
    prefix = isPrefix ? event.key : "";
    begun = event.timeStamp;
    return Object.hasOwn(actions, sequence) ? actions[sequence] : undefined;
  };
}
