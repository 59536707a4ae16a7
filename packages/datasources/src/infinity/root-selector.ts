import type { Steps } from "@narthex/runtime";
import { QueryFailure } from "../query-failure.ts";

/** Number of selected values after which other work may run. */
const STEP_VALUES = 10_000;
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
 * @param visit called with the number of values that the steps visit from the first `*`; may throw QueryFailure
 */
export function select(value: unknown, steps: readonly Step[], visit: (values: number) => void): unknown {
  const work = selecting(value, steps, visit);
  for (;;) {
    const { done, value: selected } = work.next();
    if (done === true) return selected;
  }
}

/** Does the same in steps, for values of any size. */
export function* selecting(value: unknown, steps: readonly Step[], visit: (values: number) => void): Steps<unknown> {
  let current: readonly unknown[] = [value];
  let isList = false;
  for (const step of steps) {
    isList ||= step === EACH;
    const next: unknown[] = [];
    for (const one of current) {
      const found = step === EACH ? elementsOf(one) : [propertyOf(one, step)];
      if (isList) visit(found.length);
      for (const element of found) {
        // Values that do not exist are left out, so that further steps do not visit them.
        if (element !== undefined || !isList) next.push(element);
        if (next.length % STEP_VALUES === STEP_VALUES - 1) yield;
      }
    }
    current = next;
  }
  return isList ? current : current[0];
}

const elementsOf = (value: unknown): readonly unknown[] =>
  Array.isArray(value) ? value : typeof value === "object" && value !== null ? Object.values(value) : [];

function propertyOf(value: unknown, step: string | number): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, step)) return undefined;
  return Array.isArray(value) && typeof step === "string" ? undefined : (value as Record<string, unknown>)[step];
}
