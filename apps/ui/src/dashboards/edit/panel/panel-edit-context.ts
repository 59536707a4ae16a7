import type { Frame, Panel, Variable } from "@narthex/dashboards";
import { createContext, use } from "react";
import type { SourceListing } from "../../query/ask-panel.ts";
import type { EditPanel } from "./panel-edit.ts";

/** What the forms of an editor share. */
export interface PanelEditing {
  readonly panel: Panel;
  readonly edit: EditPanel;
  readonly sources: readonly SourceListing[];
  readonly variables: readonly Variable[];
  /** The answers of the queries. */
  readonly answered: readonly Frame[];
  /** What the panel shows: transformed, and with the settings of its fields. */
  readonly shown: readonly Frame[];
  /** The fields that are shown, by the names they are shown with. */
  readonly fieldNames: readonly string[];
  /** The sentence of each query that failed, by its refId; under the empty text one that is of none. */
  readonly error: string | undefined;
}

export const PanelEditingContext = createContext<PanelEditing | null>(null);

/** The panel that is edited around a form. */
export function usePanelEditing(): PanelEditing {
  const editing = use(PanelEditingContext);
  if (editing === null) throw new Error("a form is drawn outside of a panel's editor");
  return editing;
}
