import type { Variable, VariableOption } from "../model/dashboard.ts";

export const option = (text: string, value = text): VariableOption => ({ text, value });
export const options = (...texts: readonly string[]): readonly VariableOption[] => texts.map((text) => option(text));

/** Returns a variable, by default a query variable. */
export const variable = (name: string, rest: Partial<Variable> = {}): Variable => ({
  name,
  type: "query",
  label: "",
  description: "",
  hide: "none",
  skipUrlSync: false,
  multi: false,
  includeAll: false,
  current: [],
  options: [],
  query: "",
  regex: "",
  refresh: "load",
  sort: 0,
  source: {},
  ...rest,
});
