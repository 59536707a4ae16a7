import type { Frame, Lookup, Panel, SourceListing, Variable } from "@narthex/dashboards";
import { createContext, use } from "react";
import type { EditPanel } from "./panel-edit.ts";

export interface PanelEditing {
  readonly panel: Panel;
  readonly edit: EditPanel;
  readonly sources: readonly SourceListing[];
  readonly variables: readonly Variable[];
  /** Looks up variables. For a repeated panel, with the values of its first copy. */
  readonly lookup: Lookup;
  /** The results of the panel's queries, before transformations. */
  readonly answered: readonly Frame[];
  /** The frames that the panel shows, after transformations and field settings. */
  readonly shown: readonly Frame[];
  /** Display names of the shown fields. */
  readonly fieldNames: readonly string[];
  /** Error message of the first failed query; undefined if no query failed. */
  readonly error: string | undefined;
}

export const PanelEditingContext = createContext<PanelEditing | null>(null);

export function usePanelEditing(): PanelEditing {
  const editing = use(PanelEditingContext);
  if (editing === null) throw new Error("a form is drawn outside of a panel's editor");
  return editing;
}
