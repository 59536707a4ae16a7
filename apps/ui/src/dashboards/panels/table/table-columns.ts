import {
  type DisplayValue,
  type Field,
  fieldDisplay,
  FieldNames,
  FieldRanges,
  type Frame,
  joinFormatted,
  reduceTo,
  valueAt,
} from "@narthex/dashboards";
import { readOptions } from "../../contracts/option-table.ts";
import { type CellKind, columnOptions, type ColumnOptions } from "./options.ts";

interface CellStyle {
  readonly kind: CellKind;
  readonly mode: "basic" | "gradient" | "lcd";
}

export interface TableColumn {
  /** Key of the column. The key is unique in the table, and the same at each refresh. */
  readonly key: string;
  readonly field: Field;
  readonly name: string;
  readonly options: ColumnOptions;
  readonly cell: CellStyle;
  readonly align: "left" | "center" | "right";
  readonly isWrapped: boolean;
  readonly isFilterable: boolean;
  readonly displayAt: (row: number) => DisplayValue;
  readonly display: (value: unknown) => DisplayValue;
  /** Returns the colour of the value that is at a share of the column's range, 0 to 1. */
  readonly colorOfShare: (share: number) => string;
}

const oldKinds: Readonly<Record<string, CellStyle>> = {
  "color-text": { kind: "color-text", mode: "basic" },
  "color-background": { kind: "color-background", mode: "gradient" },
  "color-background-solid": { kind: "color-background", mode: "basic" },
  "gradient-gauge": { kind: "gauge", mode: "gradient" },
  "lcd-gauge": { kind: "gauge", mode: "lcd" },
  basic: { kind: "gauge", mode: "basic" },
  "json-view": { kind: "json-view", mode: "basic" },
  image: { kind: "image", mode: "basic" },
};

function styleOf({ type }: Field, { cellKind, cellMode, oldMode }: ColumnOptions): CellStyle {
  if (cellKind === "auto" && Object.hasOwn(oldKinds, oldMode)) return oldKinds[oldMode]!;
  const kind =
    cellKind === "auto" && type === "frame"
      ? "sparkline"
      : cellKind === "auto" && type === "json"
        ? "json-view"
        : cellKind;
  return { kind, mode: cellMode === "" ? "gradient" : cellMode };
}

/** Returns the last value of a sparkline, for sorting and for the cell's text. */
export function sparklineValue(value: unknown): number | null {
  if (typeof value !== "object" || value === null || !("fields" in value)) return null;
  const field = (value as Frame).fields.find(({ type }) => type === "number");
  const last = field === undefined ? null : reduceTo(field, "lastNotNull");
  return typeof last === "number" ? last : null;
}

interface TableLook {
  readonly scheme: "light" | "dark";
  readonly zone: string;
  /** Time of the last refresh, epoch ms. Relative times such as "5 minutes ago" refer to it. */
  readonly now: number;
}

export function tableColumns(frame: Frame, { scheme, zone, now }: TableLook): readonly TableColumn[] {
  const names = new FieldNames([frame]);
  const ranges = new FieldRanges([frame]);
  const seen = new Map<string, number>();
  return frame.fields.flatMap((field, index): TableColumn[] => {
    const options = readOptions(columnOptions, field.config.custom);
    if (options.isHidden || options.isHiddenInPlot) return [];
    const name = names.nameOf(field, frame);
    const count = seen.get(name) ?? 0;
    seen.set(name, count + 1);
    const range = field.type === "number" ? ranges.rangeOf(field) : undefined;
    // Settings for a cell that contains a frame: its text is the last number of the frame, formatted with the column's
    // settings.
    const shown: Field =
      field.type === "frame"
        ? { name: field.name, type: "number", values: new Float64Array(), config: field.config }
        : field;
    const display = fieldDisplay(shown, {
      theme: scheme,
      timeZone: zone,
      now,
      seriesIndex: index,
      seriesName: name,
      ...(range && { range }),
    });
    const cell = styleOf(field, options);
    const auto = field.type === "number" && cell.kind !== "gauge" ? "right" : "left";
    return [
      {
        key: count === 0 ? name : `${name} #${count}`,
        field,
        name,
        options,
        cell,
        align: options.align === "auto" ? auto : options.align,
        isWrapped: options.isCellWrapped || options.isColumnWrapped,
        isFilterable: options.isFilterable || field.config.filterable === true,
        display,
        colorOfShare: (share) =>
          display(range === undefined ? share : range.min + (range.max - range.min) * share).color,
        displayAt: (row) => {
          const value = valueAt(field, row);
          return display(field.type === "frame" ? sparklineValue(value) : value);
        },
      },
    ];
  });
}

/** Returns the text of a cell. Search, copy and screen readers use this text. */
export const cellText = (column: TableColumn, row: number): string => joinFormatted(column.displayAt(row));

/**
 * Returns the widths of columns, CSS pixels. Columns without a set width share the remaining space equally, but have at
 * least their minimum widths. So the table may be wider than the available space.
 */
export function columnWidths(
  columns: readonly TableColumn[],
  room: number,
  resized: ReadonlyMap<string, number>,
): readonly number[] {
  const fixed = columns.map(({ key, options }) => resized.get(key) ?? options.width);
  const widths = columns.map(({ options }, index) => fixed[index] ?? Math.min(options.minWidth, 5000));
  let rest = room - widths.reduce((sum, width, index) => sum + (fixed[index] === undefined ? 0 : width), 0);
  // Columns whose minimum width exceeds an equal share of the space get their minimum width. The other columns share
  // the rest.
  let open = columns.map((_column, index) => index).filter((index) => fixed[index] === undefined);
  for (;;) {
    const share = rest / open.length;
    const tight = open.filter((index) => widths[index]! > share);
    if (tight.length === 0) {
      for (const index of open) widths[index] = Math.floor(share);
      return widths;
    }
    for (const index of tight) rest -= widths[index]!;
    open = open.filter((index) => !tight.includes(index));
    if (open.length === 0) return widths;
  }
}
