import type { Edit, JsonObject, SourceListing } from "@narthex/dashboards";

export interface QueryFormProps {
  readonly refId: string;
  readonly query: JsonObject;
  /** The data source; undefined for expressions, and if the source does not exist. */
  readonly source: SourceListing | undefined;
  /** The refIds of the panel's other queries. */
  readonly others: readonly string[];
  readonly onEdit: (edits: readonly Edit[]) => void;
}
