import type { Panel } from "@narthex/dashboards";
import { createContext } from "react";

/** What changes a dashboard from the menu of one of its panels. */
export interface PanelEdits {
  /** Shows the panel's legend, or hides it. */
  readonly legend: (panel: Panel) => void;
  readonly duplicate: (panel: Panel) => void;
  readonly copy: (panel: Panel) => void;
  readonly remove: (panel: Panel) => void;
}

/** What may be done with the panels of an open dashboard; there is no menu where nothing is given. */
export interface PanelActions {
  /** Whether the reader may change the dashboard. */
  readonly canEdit: boolean;
  /** Opens what shares a panel, by its key. */
  readonly share: (key: string) => void;
  /** Undefined where the dashboard is not one that could be edited: a snapshot. */
  readonly edit: PanelEdits | undefined;
}

export const PanelActionsContext = createContext<PanelActions | null>(null);
