import type { JsonObject } from "../model/field-config.ts";

/** How the values of variables are written into the texts of a query language. */
export type ValueFormatName = "promql" | "sql" | "mysql" | "lucene" | "regex" | "glob";

/** Something that pages offer for sources of a kind, in addition to the queries of panels. */
export type SourceFeature =
  /** Metrics in the language of Prometheus: the query page, dashboards from metrics, "What changed?", new alert rules. */
  | "metrics"
  /** A list of alerting rules, as Prometheus has it at `/api/v1/rules`. */
  | "rules"
  /** A list of alerts, as the Alertmanager has it at `/api/v2/alerts`. */
  | "alerts";

/** The query language of a kind of data source. */
export interface QueryLanguage {
  readonly valueFormat: ValueFormatName;
  /** Properties of a query that contain text of the language. If absent, all texts of a query do. */
  readonly fields?: readonly string[];
  /** Properties of a query into which values are written unchanged, such as durations. */
  readonly plainFields?: readonly string[];
  /** Whether the page replaces the macro `$__conditionalAll`. */
  readonly hasConditions?: boolean;
  /** Property that must not be blank. A query without it is not sent. */
  readonly neededField?: string;
}

/** The inputs for the query of a variable. */
export interface VariableForm {
  /** Describes the queries that the kind understands. */
  readonly help: string;
  /** Value of `refId` if the kind stores the query as an object. If absent, the query is stored as text. */
  readonly refId?: string;
}

/** An input for a property of an annotation's query. */
export interface AnnotationField {
  /** Keys of the property, from the annotation's JSON on. */
  readonly path: readonly string[];
  readonly label: string;
  readonly type: "query" | "text" | "duration" | "switch";
  readonly placeholder?: string;
}

/** An input for a setting of a data source. */
export interface SourceSetting {
  /**
   * Keys of the setting: `["url"]`, `["jsonData", "timeInterval"]`, `["secureJsonData", "password"]`. For headers, the
   * keys of the first header's name.
   */
  readonly path: readonly string[];
  readonly label: string;
  readonly type: "text" | "secret" | "secretText" | "switch" | "number" | "choice" | "headers";
  readonly help?: string;
  readonly placeholder?: string;
  readonly choices?: readonly string[];
  /** The input is shown only if another setting has one of these values. */
  readonly when?: { readonly path: readonly string[]; readonly values: readonly (string | boolean)[] };
}

/** Describes a kind of data source. The dashboards role sends the descriptions to the pages as JSON. */
export interface SourceKind {
  /** Plugin types of this kind. New sources get the first type. */
  readonly types: readonly string[];
  readonly name: string;
  readonly language: QueryLanguage;
  /** Properties of a new query. */
  readonly blankQuery: JsonObject;
  /** Smallest step in ms of queries if the source's settings contain none. */
  readonly leastStepMs: number;
  /** Whether the step of a query is aligned to the dashboard's time zone. */
  readonly alignsToZone?: boolean;
  /**
   * Queries for the names and values of labels, if the kind supports ad hoc filters. The name of the label replaces
   * `$name`.
   */
  readonly adHocFilters?: { readonly names: string; readonly values: string };
  readonly variables?: VariableForm;
  readonly annotations?: readonly AnnotationField[];
  readonly features: readonly SourceFeature[];
}

/** Returns the description of a type that the server does not know. Its queries are edited as JSON. */
export const unknownSourceKind = (type: string): SourceKind => ({
  types: [type],
  name: type,
  language: { valueFormat: "glob" },
  blankQuery: {},
  leastStepMs: 1,
  features: [],
});
