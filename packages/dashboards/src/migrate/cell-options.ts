import type { MutableJson } from "../model/json.ts";

const CELLS: Readonly<Record<string, MutableJson>> = {
  basic: { type: "gauge", mode: "basic" },
  "gradient-gauge": { type: "gauge", mode: "gradient" },
  "lcd-gauge": { type: "gauge", mode: "lcd" },
  "color-background": { type: "color-background", mode: "gradient" },
  "color-background-solid": { type: "color-background", mode: "basic" },
};

/** Converts the display mode of a table's cells, which older versions stored as a single word, to cell options. */
export function cellOptionsOf(mode: unknown): MutableJson {
  if (typeof mode !== "string") return { type: "auto" };
  return Object.hasOwn(CELLS, mode) ? { ...CELLS[mode] } : { type: mode };
}
