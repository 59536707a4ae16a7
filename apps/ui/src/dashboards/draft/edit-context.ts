import type { Dashboard, JsonObject } from "@narthex/dashboards";
import { createContext, type Dispatch, type SetStateAction, use } from "react";
import type { DashboardMeta } from "../data/dashboard-api.ts";
import type { Draft, DraftAction } from "./draft.ts";
import type { KeptDraft } from "./kept-drafts.ts";
import type { WrittenJson } from "./written-json.ts";

/** The dialog of the edit mode that is open. */
export type EditDialog = "save" | "copy" | "leave" | "delete" | undefined;

/** A dashboard in edit mode: the draft with unsaved changes, and actions. */
export interface DashboardEdit {
  /** The dashboard with all changes. */
  readonly dashboard: Dashboard;
  readonly draft: Draft;
  readonly meta: DashboardMeta;
  readonly isNew: boolean;
  readonly isEditing: boolean;
  /** Whether the user may change the dashboard and the server accepts changes of it. */
  readonly canEdit: boolean;
  readonly canSave: boolean;
  /**
   * Unsaved changes that were found in the browser. The user has not yet decided whether to continue or discard them.
   */
  readonly kept: KeptDraft | undefined;
  readonly dialog: EditDialog;
  /** Uid of the folder in which the dashboard is saved; empty if the dashboard is in no folder. */
  readonly folderUid: string;
  /** Whether the draft has changes that are not saved. */
  readonly isChanged: boolean;
  readonly moveTo: (folderUid: string) => void;
  readonly begin: () => void;
  /** Leaves edit mode. Unsaved changes are kept. */
  readonly end: () => void;
  readonly openDialog: (dialog: EditDialog) => void;
  readonly dispatch: (action: DraftAction) => void;
  /** @param group successive changes with the same group are undone together */
  readonly change: (name: string, edit: (json: JsonObject) => JsonObject, group?: string) => void;
  readonly writtenJson: WrittenJson | undefined;
  readonly writeJson: Dispatch<SetStateAction<WrittenJson | undefined>>;
  /** Removes the changes of this draft from the browser's storage. */
  readonly forgetOwn: () => Promise<void>;
  readonly continueKept: () => void;
  readonly discardKept: () => void;
}

export const EditContext = createContext<DashboardEdit | null>(null);

/** Returns the dashboard that contains the component, with the actions that edit it. */
export function useDashboardEdit(): DashboardEdit {
  const edit = use(EditContext);
  if (edit === null) throw new Error("a dashboard is edited outside of its page");
  return edit;
}
