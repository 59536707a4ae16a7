import { type Field, interpolate, verbatim } from "@narthex/dashboards";

/** Returns a field's name, in which `${__calc}` is replaced by the reducer. */
export const nameWithCalc = (field: Field, name: string, calc: string): string =>
  field.config.displayName?.includes("__calc") === true
    ? interpolate(name, (variable) => (variable === "__calc" ? verbatim("__calc", calc) : undefined))
    : name;
