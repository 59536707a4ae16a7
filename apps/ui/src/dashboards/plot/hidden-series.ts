import { createContext, use, useMemo, useState } from "react";

/** Which series the reader of a panel's legend has left: all but some, or none but some. */
export interface LegendChoice {
  readonly kind: "hide" | "only";
  /** Keys of series. */
  readonly keys: readonly string[];
}

/** Where a panel's choice is kept; without it each drawing of the panel begins with all series. */
export interface KeptLegendChoice {
  readonly choice: LegendChoice | undefined;
  readonly keep: (choice: LegendChoice | undefined) => void;
}

export const KeptLegendChoiceContext = createContext<KeptLegendChoice | null>(null);

const none: ReadonlySet<string> = new Set();

/** What is hidden in the words that are shorter, so that one series of many, shown alone, stays alone when others come. */
export function choiceOf(hidden: ReadonlySet<string>, all: readonly string[]): LegendChoice | undefined {
  const gone = all.filter((key) => hidden.has(key));
  if (gone.length === 0) return undefined;
  const left = all.filter((key) => !hidden.has(key));
  return left.length > 0 && left.length < gone.length ? { kind: "only", keys: left } : { kind: "hide", keys: gone };
}

/** The series that a choice hides. One that leaves none of them is about others, and hides nothing. */
export function hiddenBy(choice: LegendChoice | undefined, all: readonly string[]): ReadonlySet<string> {
  if (choice === undefined) return none;
  const named = new Set(choice.keys);
  const hidden = new Set(all.filter((key) => named.has(key) === (choice.kind === "hide")));
  return hidden.size === 0 || hidden.size === new Set(all).size ? none : hidden;
}

/**
 * The series that the reader of a legend has hidden, and what hides others.
 *
 * @param items what the legend lists, the same list for as long as nothing of it changes
 */
export function useHiddenSeries(
  items: readonly { readonly key: string }[],
): readonly [hidden: ReadonlySet<string>, hide: (hidden: ReadonlySet<string>) => void] {
  const kept = use(KeptLegendChoiceContext);
  const [own, setOwn] = useState<LegendChoice>();
  const choice = kept === null ? own : kept.choice;
  const hidden = useMemo(
    () =>
      hiddenBy(
        choice,
        items.map(({ key }) => key),
      ),
    [choice, items],
  );
  const hide = (next: ReadonlySet<string>): void =>
    (kept === null ? setOwn : kept.keep)(
      choiceOf(
        next,
        items.map(({ key }) => key),
      ),
    );
  return [hidden, hide];
}
