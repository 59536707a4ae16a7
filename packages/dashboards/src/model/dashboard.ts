import type { FieldConfigSource, JsonObject, Matcher } from "./field-config.ts";

/**
 * Reference to a data source; both properties may contain variables. The source's name in a classic dashboard is stored
 * in `uid`.
 */
export interface DataSourceRef {
  readonly type?: string;
  readonly uid?: string;
}

/**
 * A query of a panel, a variable or an annotation. `source` is its whole JSON, with properties that only the data
 * source understands.
 */
export interface Target {
  readonly refId: string;
  /** Data source of the query; if absent, the panel's data source is used. */
  readonly datasource?: DataSourceRef;
  readonly hide: boolean;
  readonly source: JsonObject;
}

/** Position on the grid of 24 columns. A unit of height is 30 px plus a gap of 8 px. */
export interface GridPosition {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

/** A step that processes the data between the queries and the panel. */
export interface Transformation {
  readonly id: string;
  readonly disabled: boolean;
  /** Selects the frames that the transformation applies to. Absent: all frames. */
  readonly filter?: Matcher;
  /** The kind of data that the transformation applies to: `series` (the default) or `annotations`. */
  readonly topic?: string;
  readonly options: JsonObject;
}

/** A link that a dashboard or a panel shows. */
export interface DashboardLink {
  readonly type: "link" | "dashboards";
  readonly title: string;
  readonly url: string;
  readonly tooltip: string;
  readonly icon: string;
  /** For links of the type `dashboards`: leads to the dashboards with all these tags. */
  readonly tags: readonly string[];
  readonly asDropdown: boolean;
  readonly targetBlank: boolean;
  /** Whether the values of variables are added to the link's address; `keepTime` adds the time range. */
  readonly includeVars: boolean;
  readonly keepTime: boolean;
}

export interface Panel {
  /** Panel id, unique on the dashboard. */
  readonly id: number;
  /** Kind of the panel: `timeseries`, `stat`, … or `row`. */
  readonly type: string;
  readonly title: string;
  readonly description: string;
  readonly transparent: boolean;
  readonly position: GridPosition;
  readonly datasource?: DataSourceRef;
  readonly targets: readonly Target[];
  readonly transformations: readonly Transformation[];
  readonly fieldConfig: FieldConfigSource;
  /** Options of the panel's kind, unchanged from the dashboard's JSON. */
  readonly options: JsonObject;
  readonly links: readonly DashboardLink[];
  /** The smallest query step, as a duration that may contain variables. */
  readonly interval?: string;
  readonly maxDataPoints?: number;
  /**
   * Length of the time range for this panel (`6h`, `now/d`), instead of the dashboard's range. `timeShift` moves the
   * range into the past.
   */
  readonly timeFrom?: string;
  readonly timeShift?: string;
  readonly hideTimeOverride: boolean;
  /** Name of the variable by which the panel or row is repeated, once for each value. */
  readonly repeat?: string;
  readonly repeatDirection: "h" | "v";
  readonly maxPerRow: number;
  readonly libraryPanel?: { readonly uid: string; readonly name: string };
  /** Whether a row is collapsed; false for panels that are not rows. */
  readonly collapsed: boolean;
  /** Panels within a collapsed row; empty for panels that are not rows. */
  readonly panels: readonly Panel[];
  /** The panel's JSON in the newest schema, unknown keys included. */
  readonly source: JsonObject;
}

export interface VariableOption {
  readonly text: string;
  readonly value: string;
  /**
   * Properties of the option, if the options are a list of JSON objects. Texts refer to them as parts of the variable.
   */
  readonly properties?: JsonObject;
}

export type VariableType =
  | "query"
  | "custom"
  | "datasource"
  | "interval"
  | "constant"
  | "textbox"
  | "adhoc"
  | "groupby"
  | "switch";

export interface Variable {
  readonly name: string;
  readonly type: VariableType;
  readonly label: string;
  readonly description: string;
  /**
   * Which part of the variable's control above the dashboard is hidden: nothing, the label, or the whole control.
   * `menu` moves the control to a menu.
   */
  readonly hide: "none" | "label" | "variable" | "menu";
  readonly skipUrlSync: boolean;
  readonly multi: boolean;
  readonly includeAll: boolean;
  /**
   * Text that is inserted unchanged for the variable if All is chosen. If absent, the values of all options are
   * inserted.
   */
  readonly allValue?: string;
  /** The saved choice. The value `$__all` means All. */
  readonly current: readonly VariableOption[];
  readonly options: readonly VariableOption[];
  readonly datasource?: DataSourceRef;
  /**
   * The variable's definition, which depends on its type: the query text, the list of options, the constant, or the
   * plugin type of data sources. A query may also be an object whose properties the data source defines.
   */
  readonly query: string | JsonObject;
  readonly regex: string;
  readonly refresh: "never" | "load" | "time";
  readonly sort: number;
  readonly source: JsonObject;
}

/** A query for annotations, which are marks on the time axis. */
export interface AnnotationQuery {
  readonly name: string;
  readonly enable: boolean;
  readonly hide: boolean;
  readonly iconColor: string;
  readonly datasource?: DataSourceRef;
  /** Whether this is Grafana's built-in query for annotations that are stored with the dashboard. */
  readonly builtIn: boolean;
  readonly filter?: { readonly exclude: boolean; readonly ids: readonly number[] };
  readonly source: JsonObject;
}

export interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly version: number;
  readonly editable: boolean;
  /** Start (`from`) and end of the saved time range as text: `now-6h`, an ISO date or epoch milliseconds. */
  readonly time: { readonly from: string; readonly to: string };
  /** Interval between refreshes, a duration; empty for no refresh. */
  readonly refresh: string;
  readonly refreshIntervals: readonly string[];
  readonly quickRanges: readonly { readonly from: string; readonly to: string; readonly display: string }[];
  readonly isTimePickerHidden: boolean;
  /** Duration by which the range ends before the current time. */
  readonly nowDelay: string;
  /** Time zone: `browser`, `utc` or an IANA name. */
  readonly timezone: string;
  readonly weekStart: "" | "monday" | "saturday" | "sunday";
  readonly fiscalYearStartMonth: number;
  /**
   * Marks that all panels show at the time under the pointer of one panel: nothing, a crosshair, or a crosshair and a
   * tooltip.
   */
  readonly cursorSync: "off" | "crosshair" | "tooltip";
  readonly links: readonly DashboardLink[];
  readonly annotations: readonly AnnotationQuery[];
  readonly variables: readonly Variable[];
  readonly panels: readonly Panel[];
  /** The whole JSON in the newest classic schema, unknown keys included. */
  readonly source: JsonObject;
}
