import { hasGivenName, type ReducedValue } from "./reduced-values.ts";
import type { ValueParts } from "./value-size.ts";

export interface ShownTexts {
  /** Title of the value; empty for no title. */
  readonly title: string;
  /** The text in large letters: the value, or its name. */
  readonly main: ValueParts;
}

const nothing: ValueParts = { prefix: "", text: "", suffix: "" };

/**
 * Returns a function that decides which texts a value shows: its name, the value or both. If only the name is shown, it
 * is in large letters.
 */
export function textsShown(
  mode: "auto" | "value" | "value_and_name" | "name" | "none",
  values: readonly ReducedValue[],
  isNamed: boolean = values.length > 1 || values.some(hasGivenName),
): (value: ReducedValue) => ShownTexts {
  switch (mode) {
    case "auto":
      return ({ name, display }) => ({ title: isNamed ? name : "", main: display });
    case "value_and_name":
      return ({ name, display }) => ({ title: name, main: display });
    case "value":
      return ({ display }) => ({ title: "", main: display });
    case "name":
      return ({ name }) => ({ title: "", main: { ...nothing, text: name } });
    case "none":
      return () => ({ title: "", main: nothing });
  }
}
