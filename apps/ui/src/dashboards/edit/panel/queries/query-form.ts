import type { Edit, JsonObject } from "@narthex/dashboards";
import type { ComponentType } from "react";
import type { SourceListing } from "../../../query/ask-panel.ts";

/** What the form of a query is given. */
export interface QueryFormProps {
  readonly refId: string;
  /** The query as the panel's JSON has it. */
  readonly query: JsonObject;
  /** Undefined: the source of expressions, or one that is not there. */
  readonly source: SourceListing | undefined;
  /** The refIds of the panel's other queries. */
  readonly others: readonly string[];
  /** Changes values of the query by their paths within it. */
  readonly onEdit: (edits: readonly Edit[]) => void;
}

/** How queries of one type of sources are written. */
export interface QueryKind {
  /** The types of the sources. */
  readonly types: readonly string[];
  readonly Form: ComponentType<QueryFormProps>;
  /** What a new query says besides its refId and source. */
  readonly initial: JsonObject;
}
