import { joinFormatted, unitFormatter } from "@narthex/dashboards";
import type { ValueFormat } from "../format/value-format.ts";

/** Returns the format of values in a unit. This file is loaded on demand, because the table of units is large. */
export function unitFormat(unit: string): ValueFormat {
  const format = unitFormatter(unit);
  const value = (number: number): string => joinFormatted(format(number));
  return { value, ticks: (ticks) => ticks.map(value) };
}
