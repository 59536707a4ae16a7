import type { Icon } from "@tabler/icons-react";
import type { ComponentType, ReactNode } from "react";
import type { Panel } from "../query-link/panel.ts";

export interface QueryDialogProps {
  readonly panel: Panel;
  readonly onClose: () => void;
}

/** Something that a user can do with a query, in addition to running it. Roles provide the actions of their pages. */
export interface QueryAction {
  readonly name: string;
  readonly icon: Icon;
  /** A dialog for the action, whose code is loaded on demand. */
  readonly Dialog?: ComponentType<QueryDialogProps>;
  /** Returns the path of a page for the action. `expr` has no variables. */
  readonly pathOf?: (expr: string) => string;
  /** Draws its content only for users who may do this. By default everybody may. */
  readonly Offered?: ComponentType<{ readonly children: ReactNode }>;
}
