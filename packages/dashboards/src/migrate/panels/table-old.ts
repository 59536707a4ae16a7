import type { Findings } from "../../model/findings.ts";
import { listAt, type MutableJson, numberOf, objectAt, objectsAt, textAt, withoutAbsent } from "../../model/json.ts";
import { oldMappingsOf } from "./old-mappings.ts";
import { deleteKeys, type PanelMigration, reducerOf, thresholdsOf } from "./panel-migration.ts";

const TABLE_KEYS = "columns fontSize pageSize scroll showHeader sort styles transform".split(" ");

const TRANSFORMS: Readonly<Record<string, string>> = {
  timeseries_to_rows: "seriesToRows",
  timeseries_to_columns: "seriesToColumns",
  timeseries_aggregations: "reduce",
  table: "merge",
};

const CELLS: Readonly<Record<string, string>> = {
  cell: "color-background",
  row: "color-background",
  value: "color-text",
};

/**
 * Converts the old table panel: styles become settings of fields, and the handling of series becomes a transformation.
 */
export const tableOldMigration: PanelMigration = {
  kinds: ["table-old"],
  migrate(panel, path, findings) {
    const transformation = transformationOf(panel, path, findings);
    panel["transformations"] = [...listAt(panel, "transformations"), ...transformation];
    const styles = objectsAt(panel, "styles");
    const all = styles.find((style) => style["pattern"] === "/.*/");
    const { overrides } = objectAt(panel, "fieldConfig") ?? {};
    panel["fieldConfig"] = {
      defaults: defaultsOf(all ?? {}),
      overrides: [
        ...(Array.isArray(overrides) ? overrides : []),
        ...styles
          .filter((style) => style["pattern"] !== "/.*/")
          .map((style) => overrideOf(style, textAt(all ?? {}, "type") === "hidden")),
      ],
    };
    panel["options"] = { ...objectAt(panel, "options"), showHeader: panel["showHeader"] !== false };
    panel["type"] = "table";
    deleteKeys(panel, TABLE_KEYS);
    findings.change(path, "The old table panel was converted to the current table panel.");
  },
};

function transformationOf(panel: MutableJson, path: string, findings: Findings): MutableJson[] {
  const transform = textAt(panel, "transform");
  if (transform === "") return [];
  if (!Object.hasOwn(TRANSFORMS, transform)) {
    findings.problem(
      `${path}.transform`,
      `The table showed its data as ${JSON.stringify(transform.slice(0, 40))}, which is no longer supported.`,
    );
    return [];
  }
  const reducers = objectsAt(panel, "columns").flatMap((column) => reducerOf(column["value"]) ?? []);
  const options = transform === "timeseries_aggregations" ? { includeTimeField: false, reducers } : { reducers: [] };
  return [{ id: TRANSFORMS[transform], options }];
}

/** Converts a column style that applies to all columns to default field settings. */
function defaultsOf(style: MutableJson): MutableJson {
  const settings = Object.fromEntries(propertiesOf(style).map(({ id, value }) => [id, value]));
  const custom = Object.entries(settings).filter(([id]) => id.startsWith("custom."));
  return {
    ...Object.fromEntries(Object.entries(settings).filter(([id]) => !id.startsWith("custom."))),
    custom: Object.fromEntries(custom.map(([id, value]) => [id.slice("custom.".length), value])),
  };
}

/**
 * Converts a column style to an override. If another style hides all other columns, the override makes this column
 * visible.
 */
function overrideOf(style: MutableJson, areOthersHidden: boolean): MutableJson {
  const pattern = textAt(style, "pattern");
  const isPattern = pattern.length > 2 && pattern.startsWith("/") && pattern.endsWith("/");
  const isShown = areOthersHidden && textAt(style, "type") !== "hidden";
  return {
    matcher: { id: isPattern ? "byRegexp" : "byName", options: pattern },
    properties: [...propertiesOf(style), ...(isShown ? [{ id: "custom.hidden", value: false }] : [])],
  };
}

function propertiesOf(style: MutableJson): { id: string; value: unknown }[] {
  const type = textAt(style, "type");
  const isNumber = type === "" || type === "number";
  const values = thresholdsOf(listAt(style, "thresholds"), listAt(style, "colors"));
  const hasThresholds = listAt(style, "thresholds").length > 0 && values !== undefined;
  const mappings = oldMappingsOf(style, hasThresholds ? values : undefined);
  const cell = textAt(style, "colorMode");
  const align = textAt(style, "align");
  const properties = withoutAbsent({
    displayName: textAt(style, "alias") || undefined,
    unit:
      type === "date"
        ? `time:${textAt(style, "dateFormat") || "YYYY-MM-DD HH:mm:ss"}`
        : isNumber
          ? textAt(style, "unit") || undefined
          : undefined,
    decimals: isNumber ? numberOf(style["decimals"]) : undefined,
    "custom.hidden": type === "hidden" ? true : undefined,
    links: style["link"] ? [linkOf(style)] : undefined,
    "custom.cellOptions": Object.hasOwn(CELLS, cell)
      ? { type: CELLS[cell], ...(cell !== "value" && { mode: "basic" }), ...(cell === "row" && { applyToRow: true }) }
      : undefined,
    "custom.align": align === "" || align === "auto" ? undefined : align,
    thresholds: hasThresholds ? values : undefined,
    mappings: mappings.length === 0 ? undefined : mappings,
  });
  return Object.entries(properties).map(([id, value]) => ({ id, value }));
}

/** Returns the data link of a column style. The variables for cells have other names now, so they are renamed. */
function linkOf(style: MutableJson): MutableJson {
  const renamed = (text: string): string =>
    text
      .replaceAll(
        /\$\{__cell_(\d+)(?::\w+)?\}|\$__cell_(\d+)/g,
        (_, a?: string, b?: string) => `\${__data.fields[${a ?? b}]}`,
      )
      .replaceAll(/\$\{__cell(?::raw)?\}|\$__cell\b/g, "${__value.text}");
  return {
    title: renamed(textAt(style, "linkTooltip")),
    url: renamed(textAt(style, "linkUrl")),
    targetBlank: Boolean(style["linkTargetBlank"]),
  };
}
