import type { FieldConfigSource, JsonObject, Matcher } from "./field-config.ts";

/** Which source answers; both may hold variables. A classic name of a source stands in `uid`. */
export interface DataSourceRef {
  readonly type?: string;
  readonly uid?: string;
}

/** A query of a panel, a variable or an annotation. What only its source understands stands in `source`. */
export interface Target {
  readonly refId: string;
  /** Absent: the panel's. */
  readonly datasource?: DataSourceRef;
  readonly hide: boolean;
  readonly source: JsonObject;
}

/** Place on the grid of 24 columns; a unit of height is 30 px and a gap of 8. */
export interface GridPosition {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

/** A step between queries and panel. */
export interface Transformation {
  readonly id: string;
  readonly disabled: boolean;
  /** Which frames it takes; absent: all. */
  readonly filter?: Matcher;
  /** Which data it takes: `series` (absent: these) or `annotations`. */
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
  /** Of `dashboards`: those that have all these tags. */
  readonly tags: readonly string[];
  readonly asDropdown: boolean;
  readonly targetBlank: boolean;
  /** Takes along the values of variables, the time range. */
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
  /** Options of the kind, as they were read. */
  readonly options: JsonObject;
  readonly links: readonly DashboardLink[];
  /** The least step; may hold variables. */
  readonly interval?: string;
  readonly maxDataPoints?: number;
  /** Another range than the dashboard's: its length (`6h`, `now/d`), and how far back it is moved. */
  readonly timeFrom?: string;
  readonly timeShift?: string;
  readonly hideTimeOverride: boolean;
  /** The variable for each of whose values the panel or row is repeated. */
  readonly repeat?: string;
  readonly repeatDirection: "h" | "v";
  readonly maxPerRow: number;
  readonly libraryPanel?: { readonly uid: string; readonly name: string };
  /** Of a row. */
  readonly collapsed: boolean;
  /** Panels within a collapsed row. */
  readonly panels: readonly Panel[];
  /** The panel's JSON in the newest schema, unknown keys included. */
  readonly source: JsonObject;
}

/** A choice of a variable. */
export interface VariableOption {
  readonly text: string;
  readonly value: string;
  /** Of an option in a list of JSON objects: the object. Texts name its properties as parts of the variable. */
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
  /** Who sees it above the dashboard: all of it, the choice without its label, nothing; or in the menu of controls. */
  readonly hide: "none" | "label" | "variable" | "menu";
  readonly skipUrlSync: boolean;
  readonly multi: boolean;
  readonly includeAll: boolean;
  /** What All stands for, used as it is; absent: every option. */
  readonly allValue?: string;
  /** What is chosen as saved; `$__all` is All. */
  readonly current: readonly VariableOption[];
  readonly options: readonly VariableOption[];
  readonly datasource?: DataSourceRef;
  /** Text of the query, list of choices, constant or plugin type of sources; of a query it may be an object of its source. */
  readonly query: string | JsonObject;
  readonly regex: string;
  readonly refresh: "never" | "load" | "time";
  readonly sort: number;
  readonly source: JsonObject;
}

/** Marks on the time axis: where they come from. */
export interface AnnotationQuery {
  readonly name: string;
  readonly enable: boolean;
  readonly hide: boolean;
  readonly iconColor: string;
  readonly datasource?: DataSourceRef;
  /** Of Grafana: the marks that are kept with the dashboard. */
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
  /** As saved: `now-6h`, ISO or epoch milliseconds. */
  readonly time: { readonly from: string; readonly to: string };
  /** A duration; empty: none. */
  readonly refresh: string;
  readonly refreshIntervals: readonly string[];
  readonly quickRanges: readonly { readonly from: string; readonly to: string; readonly display: string }[];
  readonly isTimePickerHidden: boolean;
  /** How far behind now the range ends. */
  readonly nowDelay: string;
  /** `browser`, `utc` or a name of the IANA. */
  readonly timezone: string;
  readonly weekStart: "" | "monday" | "saturday" | "sunday";
  readonly fiscalYearStartMonth: number;
  /** What panels share under the pointer. */
  readonly cursorSync: "off" | "crosshair" | "tooltip";
  readonly links: readonly DashboardLink[];
  readonly annotations: readonly AnnotationQuery[];
  readonly variables: readonly Variable[];
  readonly panels: readonly Panel[];
  /** The whole JSON in the newest classic schema, unknown keys included. */
  readonly source: JsonObject;
}
