/** The second key of a sequence belongs to the first for so long, ms. */
const PAUSE_MS = 1500;
/** Keys that begin a sequence anywhere on a dashboard: a key after one of them is no key of its own. */
const PREFIXES: ReadonlySet<string> = new Set(["t", "p", "d", "g"]);

/** Whether somebody is writing: then keys are letters. */
export function isWriting(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || /^(?:INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

/** Tells what the keys of a page ask for, one key after the other. Actions stand by their keys: `v`, or `p s` for two in a row. */
export function keySequenceReader<Action>(
  actions: Readonly<Record<string, Action>>,
): (event: KeyboardEvent) => Action | undefined {
  let prefix = "";
  let begun = Number.NEGATIVE_INFINITY;
  return (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isWriting(event.target)) return undefined;
    // Shift is pressed on the way to a plus.
    if (event.key === "Shift") return undefined;
    const follows = prefix !== "" && event.timeStamp - begun <= PAUSE_MS;
    const sequence = follows ? `${prefix} ${event.key}` : event.key;
    const isPrefix = PREFIXES.has(event.key) && !(follows && Object.hasOwn(actions, sequence));
    prefix = isPrefix ? event.key : "";
    begun = event.timeStamp;
    return Object.hasOwn(actions, sequence) ? actions[sequence] : undefined;
  };
}
