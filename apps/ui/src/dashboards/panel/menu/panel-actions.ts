import { createContext } from "react";

/** What may be done with the panels of an open dashboard; there is no menu where nothing is given. */
export interface PanelActions {
  /** Whether the reader may change the dashboard. */
  readonly canEdit: boolean;
  /** Opens what shares a panel, by its key. */
  readonly share: (key: string) => void;
}

export const PanelActionsContext = createContext<PanelActions | null>(null);
