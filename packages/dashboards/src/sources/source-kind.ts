import type { JsonObject } from "../model/field-config.ts";
import type { PluginInput } from "./plugin-input.ts";

/** How the values of variables are written into the texts of a query language. */
type ValueFormatName = "promql" | "traceql" | "sql" | "mysql" | "sqlite" | "influxql" | "lucene" | "regex" | "glob";

/** A feature that pages offer for data sources of a kind, in addition to the queries of panels. */
export type SourceFeature =
  /** Metrics in PromQL: the query page, dashboards from metrics, "What changed?", new alert rules. */
  | "metrics"
  /** A list of alerting rules with Prometheus's API `/api/v1/rules`. */
  | "rules"
  /** A list of alerts with the Alertmanager's API `/api/v2/alerts`. */
  | "alerts"
  /** Log lines: the lines around a line, and new lines as they arrive. */
  | "logs"
  /** Traces, whose spans link to log lines and metrics. */
  | "traces";

/** The query language of a kind of data source. */
export interface QueryLanguage {
  readonly valueFormat: ValueFormatName;
  /**
   * Whether pages load the module of query extras: for conditions, references, `influxql`, `sqlite`, `traceql`, and links that open
   * queries.
   */
  readonly hasExtras?: true;
  /** Properties of a query that contain text of the query language. If absent, all texts of a query do. */
  readonly fields?: readonly string[];
  /** Properties of a query, such as durations, into which values of variables are inserted without escaping. */
  readonly plainFields?: readonly string[];
  /** Whether the page replaces the macro `$__conditionalAll`. */
  readonly hasConditions?: boolean;
  /**
   * Set if queries may refer to others of the panel as `#A`: the property with the text, and the property to which the
   * page writes the text without references.
   */
  readonly references?: { readonly field: string; readonly fullField: string };
  /** Property that must not be blank. A query without it is not sent. */
  readonly neededField?: string;
}

/** The inputs for the query of a dashboard variable. */
export interface VariableForm {
  /** Help text about the queries that the kind of data source understands. */
  readonly help: string;
  /** Value of `refId` in the query's object. If absent, the query is stored as text and not as an object. */
  readonly refId?: string;
}

/** An input for a property of an annotation's query. */
export interface AnnotationField {
  /** Path of the property in the annotation's JSON. */
  readonly path: readonly string[];
  readonly label: string;
  readonly type: "query" | "text" | "duration" | "switch";
  readonly placeholder?: string;
}

/** An input for a setting of a data source. */
export interface SourceSetting {
  /**
   * Path of the setting: `["url"]`, `["jsonData", "timeInterval"]`, `["secureJsonData", "password"]`. For headers, the
   * path of the first header's name.
   */
  readonly path: readonly string[];
  readonly label: string;
  readonly type: "text" | "secret" | "secretText" | "switch" | "number" | "choice" | "headers" | "list";
  readonly help?: string;
  readonly placeholder?: string;
  readonly choices?: readonly string[];
  /** The input is shown only if another setting has one of these values. */
  readonly when?: { readonly path: readonly string[]; readonly values: readonly (string | boolean)[] };
}

/** Describes a kind of data source. The dashboards role sends the descriptions to the pages as JSON. */
export interface SourceKind {
  /** Plugin types of this kind of data source. New data sources get the first type. */
  readonly types: readonly string[];
  readonly name: string;
  readonly language: QueryLanguage;
  /** Properties of a new query. */
  readonly blankQuery: JsonObject;
  /** Minimum query step in ms, if the data source's settings contain none. */
  readonly leastStepMs: number;
  /** Whether the step of a query is aligned to the dashboard's time zone. */
  readonly alignsToZone?: boolean;
  /**
   * Queries for label names and label values, if the kind supports ad hoc filters. `$name` is replaced by the label
   * name.
   */
  readonly adHocFilters?: { readonly names: string; readonly values: string };
  readonly variables?: VariableForm;
  readonly annotations?: readonly AnnotationField[];
  readonly features: readonly SourceFeature[];
  /** Inputs of the form for a query of a plugin. If empty, the form has one input for a text. */
  readonly queryInputs?: readonly PluginInput[];
}

/** Returns the description of a plugin type that the server does not know. Queries of this type are edited as JSON. */
export const unknownSourceKind = (type: string): SourceKind => ({
  types: [type],
  name: type,
  language: { valueFormat: "glob" },
  blankQuery: {},
  leastStepMs: 1,
  features: [],
});
