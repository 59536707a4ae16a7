import type { Edit, JsonObject } from "@narthex/dashboards";
import type { ComponentType } from "react";
import type { SourceListing } from "../../../query/ask-panel.ts";

/** Properties of the form of a query. */
export interface QueryFormProps {
  readonly refId: string;
  /** The query's JSON in the panel. */
  readonly query: JsonObject;
  /** The data source; undefined for expressions, and if the source does not exist. */
  readonly source: SourceListing | undefined;
  /** The refIds of the panel's other queries. */
  readonly others: readonly string[];
  /** Changes values of the query by their paths within it. */
  readonly onEdit: (edits: readonly Edit[]) => void;
}

/** Form and initial value of the queries to one type of data source. */
export interface QueryKind {
  /** The types of data sources. */
  readonly types: readonly string[];
  readonly Form: ComponentType<QueryFormProps>;
  /** Properties of a new query besides its refId and source. */
  readonly initial: JsonObject;
}
