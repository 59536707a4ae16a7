import { ALL_OPTION, ALL_VALUE, isAll, type Variable, type VariableOption } from "@narthex/dashboards";

/** Returns a short text that describes the selected options. */
export function chosenText(current: readonly VariableOption[]): string {
  if (current.length === 0) return "None";
  const texts = current.slice(0, 20).map(({ text, value }) => (value === ALL_VALUE ? "All" : text || value));
  const more = current.length > 20 ? ` and ${current.length - 20} more` : "";
  return texts.join(" + ") + more || "(empty)";
}

/**
 * Returns the options that a list shows: `All` if the variable offers it, selected values that are not options, then
 * the options.
 */
export function offeredOptions(
  { includeAll }: Pick<Variable, "includeAll">,
  options: readonly VariableOption[],
  current: readonly VariableOption[],
): readonly VariableOption[] {
  const known = new Set(options.map(({ value }) => value));
  const others = current.filter(({ value }) => value !== ALL_VALUE && value !== "" && !known.has(value));
  const plain = options.filter(({ value }) => value !== ALL_VALUE);
  return [...(includeAll ? [ALL_OPTION] : []), ...others, ...plain];
}

/**
 * Returns the selection of a multi-select after a click on an option. Selecting `All` removes all other options, and
 * selecting another option removes `All`.
 */
export function toggled(current: readonly VariableOption[], picked: VariableOption): readonly VariableOption[] {
  if (picked.value === ALL_VALUE) return isAll(current) ? [] : [ALL_OPTION];
  const others = current.filter(({ value }) => value !== ALL_VALUE && value !== picked.value);
  return current.some(({ value }) => value === picked.value) ? others : [...others, picked];
}
