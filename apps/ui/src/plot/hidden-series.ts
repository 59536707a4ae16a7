import { createContext, use, useMemo, useState } from "react";

/** The user's selection in a legend: the series to hide, or the only series to show. */
export interface LegendChoice {
  readonly kind: "hide" | "only";
  /** Keys of series. */
  readonly keys: readonly string[];
}

/**
 * Storage for the selection in a panel's legend. Without it, all series are visible again when the panel is mounted
 * again.
 */
export interface KeptLegendChoice {
  readonly choice: LegendChoice | undefined;
  readonly keep: (choice: LegendChoice | undefined) => void;
}

export const KeptLegendChoiceContext = createContext<KeptLegendChoice | null>(null);

const none: ReadonlySet<string> = new Set();

/**
 * Returns the selection that hides the given series. If fewer series are visible than hidden, the selection lists the
 * visible ones, so that new series are hidden too.
 */
export function choiceOf(hidden: ReadonlySet<string>, all: readonly string[]): LegendChoice | undefined {
  const hiddenKeys = all.filter((key) => hidden.has(key));
  if (hiddenKeys.length === 0) return undefined;
  const left = all.filter((key) => !hidden.has(key));
  return left.length > 0 && left.length < hiddenKeys.length
    ? { kind: "only", keys: left }
    : { kind: "hide", keys: hiddenKeys };
}

/**
 * Returns the series that a selection hides. A selection that would hide all series is ignored, since it was made for
 * other series.
 */
export function hiddenBy(choice: LegendChoice | undefined, all: readonly string[]): ReadonlySet<string> {
  if (choice === undefined) return none;
  const named = new Set(choice.keys);
  const hidden = new Set(all.filter((key) => named.has(key) === (choice.kind === "hide")));
  return hidden.size === 0 || hidden.size === new Set(all).size ? none : hidden;
}

/**
 * Returns the hidden series, and a function that changes them.
 * @param items items of the legend; must be the same list object until its content changes
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
