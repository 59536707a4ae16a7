import { textWidth } from "../../../plot/plot-theme.ts";
import { cellText, type TableColumn } from "./table-columns.ts";

/** Heights of rows without wrapped texts, CSS pixels. */
export const ROW_PX = { sm: 32, md: 40, lg: 48 } as const;

const LINE_PX = 19;
const MAX_LINES = 20;
const FONT = '13px "Inter", "Segoe UI", system-ui, sans-serif';

/** Returns one height for all rows, or a height for each row if texts are wrapped. */
export function heightsOf(
  columns: readonly TableColumn[],
  widths: readonly number[],
  rowPx: number,
): (row: number) => number {
  const wrapped = columns.flatMap((column, index) =>
    column.isWrapped ? [{ column, width: widths[index]! - 20 }] : [],
  );
  if (wrapped.length === 0) return () => rowPx;
  return (row) => {
    let lines = 1;
    for (const { column, width } of wrapped) {
      const text = cellText(column, row).slice(0, 4000);
      const needed = text
        .split("\n")
        .reduce((sum, line) => sum + Math.max(1, Math.ceil((textWidth(line, FONT) * 1.08) / Math.max(20, width))), 0);
      lines = Math.max(lines, needed);
    }
    return rowPx + (Math.min(lines, MAX_LINES) - 1) * LINE_PX;
  };
}
