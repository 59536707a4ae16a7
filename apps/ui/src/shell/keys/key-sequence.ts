/** Maximum time between the two keys of a sequence, ms. */
const PAUSE_MS = 1500;
/**
 * Keys that start a key sequence on a dashboard. The next key belongs to the sequence, even if it is also a single
 * shortcut.
 */
const PREFIXES: ReadonlySet<string> = new Set(["t", "p", "d", "g"]);

/** Reports whether a key event occurs in a text field. Shortcuts are ignored there. */
export function isTextField(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || /^(?:INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

/**
 * Returns a function that receives key events and returns the action to perform. `actions` maps keys such as `v`, or `p
 * s` for two keys in a row, to actions.
 */
export function keySequenceReader<Action>(
  actions: Readonly<Record<string, Action>>,
): (event: KeyboardEvent) => Action | undefined {
  let prefix = "";
  let begun = Number.NEGATIVE_INFINITY;
  return (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTextField(event.target)) return undefined;
    // Ignores the Shift key itself, which must not end a sequence such as `t +`, in which the plus needs Shift.
    if (event.key === "Shift") return undefined;
    const follows = prefix !== "" && event.timeStamp - begun <= PAUSE_MS;
    const sequence = follows ? `${prefix} ${event.key}` : event.key;
    const isPrefix = PREFIXES.has(event.key) && !(follows && Object.hasOwn(actions, sequence));
    prefix = isPrefix ? event.key : "";
    begun = event.timeStamp;
    return Object.hasOwn(actions, sequence) ? actions[sequence] : undefined;
  };
}
