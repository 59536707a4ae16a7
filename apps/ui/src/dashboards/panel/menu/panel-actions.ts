import type { Panel } from "@narthex/dashboards";
import { createContext } from "react";

export interface PanelEdits {
  readonly legend: (panel: Panel) => void;
  readonly duplicate: (panel: Panel) => void;
  readonly copy: (panel: Panel) => void;
  readonly remove: (panel: Panel) => void;
}

/** Actions that the menus of panels offer. Without this context, panels have no menu. */
export interface PanelActions {
  readonly canEdit: boolean;
  /** Opens the share dialog of a panel, by its key. */
  readonly share: (key: string) => void;
  /** Functions that edit the dashboard. Undefined if it cannot be edited, as in a snapshot. */
  readonly edit: PanelEdits | undefined;
}

export const PanelActionsContext = createContext<PanelActions | null>(null);
