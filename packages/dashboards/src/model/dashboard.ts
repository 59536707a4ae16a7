import type { FieldConfigSource, JsonObject, Matcher } from "./field-config.ts";

/** The source of a query; both properties may contain variables. A classic source name is stored in `uid`. */
export interface DataSourceRef {
  readonly type?: string;
  readonly uid?: string;
}

/** A query of a panel, a variable or an annotation. Properties that only its source understands are in `source`. */
export interface Target {
  readonly refId: string;
  /** Absent: the panel's source. */
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

/** A processing step between queries and panel. */
export interface Transformation {
  readonly id: string;
  readonly disabled: boolean;
  /** The frames that it applies to. Absent: all frames. */
  readonly filter?: Matcher;
  /** The data that it applies to: `series` (the default) or `annotations`. */
  readonly topic?: string;
  readonly options: JsonObject;
}

/** A link of a dashboard or a panel. */
export interface DashboardLink {
  readonly type: "link" | "dashboards";
  readonly title: string;
  readonly url: string;
  readonly tooltip: string;
  readonly icon: string;
  /** For `dashboards`: links to the dashboards with all these tags. */
  readonly tags: readonly string[];
  readonly asDropdown: boolean;
  readonly targetBlank: boolean;
  /** Whether the link includes the values of variables, and the time range. */
  readonly includeVars: boolean;
  readonly keepTime: boolean;
}

export interface Panel {
  /** Unique on the dashboard. */
  readonly id: number;
  /** The kind: `timeseries`, `stat`, … and `row`. */
  readonly type: string;
  readonly title: string;
  readonly description: string;
  readonly transparent: boolean;
  readonly position: GridPosition;
  readonly datasource?: DataSourceRef;
  readonly targets: readonly Target[];
  readonly transformations: readonly Transformation[];
  readonly fieldConfig: FieldConfigSource;
  /** Options of the kind, unchanged. */
  readonly options: JsonObject;
  readonly links: readonly DashboardLink[];
  /** The smallest step; may contain variables. */
  readonly interval?: string;
  readonly maxDataPoints?: number;
  /** Overrides of the dashboard's range: its length (`6h`, `now/d`), and the offset into the past. */
  readonly timeFrom?: string;
  readonly timeShift?: string;
  readonly hideTimeOverride: boolean;
  /** The panel or row is repeated for each value of this variable. */
  readonly repeat?: string;
  readonly repeatDirection: "h" | "v";
  readonly maxPerRow: number;
  readonly libraryPanel?: { readonly uid: string; readonly name: string };
  /** For a row. */
  readonly collapsed: boolean;
  /** Panels within a collapsed row. */
  readonly panels: readonly Panel[];
  /** The panel's JSON in the newest schema, unknown keys included. */
  readonly source: JsonObject;
}

/** An option of a variable. */
export interface VariableOption {
  readonly text: string;
  readonly value: string;
  /** For an option in a list of JSON objects: the object. Texts refer to its properties as parts of the variable. */
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
   * What is hidden above the dashboard: nothing, the label, or the whole variable. `menu` shows it in the menu of
   * controls.
   */
  readonly hide: "none" | "label" | "variable" | "menu";
  readonly skipUrlSync: boolean;
  readonly multi: boolean;
  readonly includeAll: boolean;
  /** Value of All, inserted unchanged. Absent: every option. */
  readonly allValue?: string;
  /** The saved choice; `$__all` is All. */
  readonly current: readonly VariableOption[];
  readonly options: readonly VariableOption[];
  readonly datasource?: DataSourceRef;
  /**
   * The query text, list of options, constant or plugin type of sources. A query may also be an object that its source
   * defines.
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
  /** Whether it is Grafana's built-in query for annotations that are stored with the dashboard. */
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
  /** The saved text: `now-6h`, ISO or epoch milliseconds. */
  readonly time: { readonly from: string; readonly to: string };
  /** A duration; empty for no refresh. */
  readonly refresh: string;
  readonly refreshIntervals: readonly string[];
  readonly quickRanges: readonly { readonly from: string; readonly to: string; readonly display: string }[];
  readonly isTimePickerHidden: boolean;
  /** Time by which the range ends before now. */
  readonly nowDelay: string;
  /** `browser`, `utc` or an IANA name. */
  readonly timezone: string;
  readonly weekStart: "" | "monday" | "saturday" | "sunday";
  readonly fiscalYearStartMonth: number;
  /** What panels share when the pointer is over one of them. */
  readonly cursorSync: "off" | "crosshair" | "tooltip";
  readonly links: readonly DashboardLink[];
  readonly annotations: readonly AnnotationQuery[];
  readonly variables: readonly Variable[];
  readonly panels: readonly Panel[];
  /** The whole JSON in the newest classic schema, unknown keys included. */
  readonly source: JsonObject;
}
