import type { Edit, JsonObject } from "@narthex/dashboards";
import type { ComponentType } from "react";
import type { SourceListing } from "../../../data/panel-queries.ts";

/** Properties of the form of a query. */
export interface QueryFormProps {
  readonly refId: string;
  /** The JSON of the query, which is a part of the panel's JSON. */
  readonly query: JsonObject;
  /** The data source; undefined for expressions, and if the source does not exist. */
  readonly source: SourceListing | undefined;
  /** The refIds of the panel's other queries. */
  readonly others: readonly string[];
  /** Changes values of the query by their paths within it. */
  readonly onEdit: (edits: readonly Edit[]) => void;
}

/** The query form of some data source types, and the initial value of a new query. */
export interface QueryKind {
  /** The data source types whose queries use this form. */
  readonly types: readonly string[];
  readonly Form: ComponentType<QueryFormProps>;
  /** Properties of a new query besides its refId and source. */
  readonly initial: JsonObject;
}
