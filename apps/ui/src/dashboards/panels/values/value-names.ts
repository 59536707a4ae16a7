import { type Field, interpolate, verbatim } from "@narthex/dashboards";

/** Replaces `${__calc}` in a field's display name by the name of the reducer. */
export const nameWithCalc = (field: Field, name: string, calc: string): string =>
  field.config.displayName?.includes("__calc") === true
    ? interpolate(name, (variable) => (variable === "__calc" ? verbatim("__calc", calc) : undefined))
    : name;
