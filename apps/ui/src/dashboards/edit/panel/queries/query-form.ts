import type { Edit, JsonObject } from "@narthex/dashboards";
import type { SourceListing } from "../../../data/panel-queries.ts";

export interface QueryFormProps {
  readonly refId: string;
  readonly query: JsonObject;
  /** The data source; undefined for expressions, and if the source does not exist. */
  readonly source: SourceListing | undefined;
  /** The refIds of the panel's other queries. */
  readonly others: readonly string[];
  readonly onEdit: (edits: readonly Edit[]) => void;
}
