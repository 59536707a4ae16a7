import { choice, list, number, type OptionsOf, raw, toggle } from "../../contracts/option-table.ts";

/** Initial sort column, until the user selects another order. */
export interface InitialSort {
  readonly name: string;
  readonly isDescending: boolean;
}

function readSort(value: unknown): readonly InitialSort[] | undefined {
  if (!Array.isArray(value)) return undefined;
  return value.slice(0, 20).flatMap((entry: unknown): InitialSort[] => {
    if (typeof entry !== "object" || entry === null || !("displayName" in entry)) return [];
    const { displayName } = entry;
    return typeof displayName === "string"
      ? [{ name: displayName, isDescending: "desc" in entry && entry.desc === true }]
      : [];
  });
}

const hasFooter = ({ isFooterShown }: Readonly<Record<string, unknown>>): boolean => isFooterShown === true;

export const tableOptions = {
  frameIndex: number("frameIndex", "Frame", 0, { min: 0, integer: true }),
  isHeaderShown: toggle("showHeader", "Header", true),
  cellHeight: choice("cellHeight", "Cell height", { sm: "Small", md: "Medium", lg: "Large" }, "sm"),
  isPaginated: toggle("enablePagination", "Pages", false),
  /** Path of the option `enablePagination` before Grafana 12. */
  isFooterPaginated: toggle("footer.enablePagination", "Pages (old)", false, { isShown: () => false }),
  sortBy: raw("sortBy", readSort, []),
  isFooterShown: toggle("footer.show", "Footer", false),
  footerReducers: list("footer.reducer", "Footer calculations", "reducers", [], { isShown: hasFooter }),
  footerFields: list("footer.fields", "Footer fields", "fields", [], {
    description: "Empty: all number fields",
    isShown: hasFooter,
  }),
  areRowsCounted: toggle("footer.countRows", "Count rows", false, {
    description: "The calculation Count counts rows, in the first column",
    isShown: hasFooter,
  }),
};
export type TableOptions = OptionsOf<typeof tableOptions>;

const cellKinds = {
  auto: "Auto",
  "color-text": "Coloured text",
  "color-background": "Coloured background",
  gauge: "Gauge",
  sparkline: "Sparkline",
  "json-view": "JSON",
  "data-links": "Data links",
  image: "Image",
  pill: "Pill",
};
export type CellKind = keyof typeof cellKinds;

/** Settings under `custom` of table columns. */
export const columnOptions = {
  cellKind: choice("cellOptions.type", "Cell type", cellKinds, "auto"),
  cellMode: choice(
    "cellOptions.mode",
    "Mode",
    { "": "Default", basic: "Basic", gradient: "Gradient", lcd: "Retro LCD" },
    "",
  ),
  valueMode: choice(
    "cellOptions.valueDisplayMode",
    "Value",
    { color: "Value colour", text: "Text colour", hidden: "Hidden" },
    "color",
  ),
  isRowColored: toggle("cellOptions.applyToRow", "Apply to the whole row", false),
  isCellWrapped: toggle("cellOptions.wrapText", "Wrap text", false),
  isColumnWrapped: toggle("wrapText", "Wrap text", false, { isShown: () => false }),
  isSparklineValueHidden: toggle("cellOptions.hideValue", "Hide the value", false),
  /** Key of the cell type before Grafana 9. */
  oldMode: raw("displayMode", (value) => (typeof value === "string" ? value : undefined), ""),
  align: choice("align", "Alignment", { auto: "Auto", left: "Left", center: "Centre", right: "Right" }, "auto"),
  width: number("width", "Width", undefined, { min: 20, max: 5000 }),
  minWidth: number("minWidth", "Minimum width", 150, { min: 20, max: 5000 }),
  isFilterable: toggle("filterable", "Filter", false),
  isHidden: toggle("hidden", "Hidden", false),
  isHiddenInPlot: toggle("hideFrom.viz", "Hide in table", false),
  footerReducers: list("footer.reducers", "Footer", "reducers"),
};
export type ColumnOptions = OptionsOf<typeof columnOptions>;
