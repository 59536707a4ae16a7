import { hasGivenName, type ReducedValue } from "./reduced-values.ts";
import type { ValueParts } from "./value-size.ts";

/** What is written of a value. */
export interface ShownTexts {
  /** Empty: none. */
  readonly title: string;
  /** In great letters. */
  readonly main: ValueParts;
}

const nothing: ValueParts = { prefix: "", text: "", suffix: "" };

/** Tells which of name and value are written. A name alone stands in the value's place. */
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
