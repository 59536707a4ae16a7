import type { Panel } from "@narthex/dashboards";
import { createContext } from "react";

/** Changes of a dashboard from the menu of a panel. */
export interface PanelEdits {
  /** Shows or hides the panel's legend. */
  readonly legend: (panel: Panel) => void;
  readonly duplicate: (panel: Panel) => void;
  readonly copy: (panel: Panel) => void;
  readonly remove: (panel: Panel) => void;
}

/** Actions that the menus of panels offer. Without this context, panels have no menu. */
export interface PanelActions {
  /** Whether the user may change the dashboard. */
  readonly canEdit: boolean;
  /** Opens the share dialog of a panel, by its key. */
  readonly share: (key: string) => void;
  /** Changes of the dashboard; undefined if it cannot be edited, for example a snapshot. */
  readonly edit: PanelEdits | undefined;
}

export const PanelActionsContext = createContext<PanelActions | null>(null);
