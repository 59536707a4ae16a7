import { QueryFailure } from "../query-failure.ts";

/** Largest number of steps of a selector. */
const MAX_STEPS = 100;

/** A step of a selector: the name of a property, the index in a list, or each element of a list. */
type Step = string | number | typeof EACH;

const EACH = Symbol("each element");

/**
 * Parses a selector: names and indexes, divided by dots or in brackets. `*` and `#` mean each element of a list.
 * Throws QueryFailure for a selector with other operators.
 */
export function parseSelector(text: string): readonly Step[] {
  const steps: Step[] = [];
  let at = text.startsWith("$") ? 1 : 0;
  while (at < text.length) {
    if (steps.length === MAX_STEPS) throw new QueryFailure(400, `a selector has more than ${MAX_STEPS} steps`);
    if (text[at] === "[") {
      const close = closingBracket(text, at);
      steps.push(stepOf(text.slice(at + 1, close), text));
      at = close + 1;
    } else {
      if (text[at] === ".") at++;
      let name = "";
      for (; at < text.length && text[at] !== "." && text[at] !== "["; at++)
        name += text[at] === "\\" ? (text[++at] ?? "") : text[at]!;
      steps.push(stepOf(name, text));
    }
  }
  return steps;
}

function closingBracket(text: string, open: number): number {
  const mark = text[open + 1] ?? "";
  const close = text.indexOf(`"'`.includes(mark) && mark !== "" ? `${mark}]` : "]", open + 2);
  if (close < 0) throw notSupported(text);
  return mark === '"' || mark === "'" ? close + 1 : close;
}

function stepOf(written: string, selector: string): Step {
  if (written === "*" || written === "#") return EACH;
  if (/^\d{1,9}$/.test(written)) return Number(written);
  const first = written[0] ?? "";
  if ((first === '"' || first === "'") && written.endsWith(first) && written.length >= 2) return written.slice(1, -1);
  if (written === "" || /[()?|@{}<>=!]/.test(written)) throw notSupported(selector);
  return written;
}

const notSupported = (selector: string): QueryFailure =>
  new QueryFailure(
    400,
    `the selector "${selector.slice(0, 100)}" is not supported; write names and indexes, such as data.items[0].name, or * for each element`,
  );

/**
 * Returns the value that a selector selects, or undefined. A selector with `*` selects a list.
 * @param visit called with the number of values that a `*` visits; may throw QueryFailure
 */
export function select(value: unknown, steps: readonly Step[], visit: (values: number) => void): unknown {
  let current: readonly unknown[] = [value];
  let isList = false;
  for (const step of steps) {
    if (step === EACH) {
      isList = true;
      const next: unknown[] = [];
      for (const one of current) {
        const elements = Array.isArray(one) ? one : typeof one === "object" && one !== null ? Object.values(one) : [];
        visit(elements.length);
        for (const element of elements) next.push(element);
      }
      current = next;
    } else current = isList ? current.map((one) => propertyOf(one, step)) : [propertyOf(current[0], step)];
  }
  return isList ? current.filter((one) => one !== undefined) : current[0];
}

function propertyOf(value: unknown, step: string | number): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, step)) return undefined;
  return Array.isArray(value) && typeof step === "string" ? undefined : (value as Record<string, unknown>)[step];
}
