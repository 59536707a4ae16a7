import { createContext, use, useMemo, useState } from "react";

/** The user's choice in a legend: the hidden series, or the only shown ones. */
export interface LegendChoice {
  readonly kind: "hide" | "only";
  /** Keys of series. */
  readonly keys: readonly string[];
}

/** Storage of a panel's choice. Without it, each mount of the panel starts with all series. */
export interface KeptLegendChoice {
  readonly choice: LegendChoice | undefined;
  readonly keep: (choice: LegendChoice | undefined) => void;
}

export const KeptLegendChoiceContext = createContext<KeptLegendChoice | null>(null);

const none: ReadonlySet<string> = new Set();

/**
 * Returns the choice for the hidden series in its shorter form. So a series that is shown alone stays alone when others
 * appear.
 */
export function choiceOf(hidden: ReadonlySet<string>, all: readonly string[]): LegendChoice | undefined {
  const gone = all.filter((key) => hidden.has(key));
  if (gone.length === 0) return undefined;
  const left = all.filter((key) => !hidden.has(key));
  return left.length > 0 && left.length < gone.length ? { kind: "only", keys: left } : { kind: "hide", keys: gone };
}

/**
 * Returns the series that a choice hides. A choice that would hide all is ignored, since it was made for other series.
 */
export function hiddenBy(choice: LegendChoice | undefined, all: readonly string[]): ReadonlySet<string> {
  if (choice === undefined) return none;
  const named = new Set(choice.keys);
  const hidden = new Set(all.filter((key) => named.has(key) === (choice.kind === "hide")));
  return hidden.size === 0 || hidden.size === new Set(all).size ? none : hidden;
}

/**
 * Returns the series that the user has hidden, and the function that changes them.
 *
 * @param items items of the legend; the same list as long as it does not change
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
