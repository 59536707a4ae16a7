import type { Dashboard, JsonObject } from "@narthex/dashboards";
import { createContext, type Dispatch, type SetStateAction, use } from "react";
import type { DashboardMeta } from "../page/dashboard-api.ts";
import type { Draft, DraftAction } from "./draft/draft.ts";
import type { KeptDraft } from "./draft/kept-drafts.ts";
import type { WrittenJson } from "./draft/written-json.ts";

/** The open dialog of the edit mode. */
export type EditDialog = "save" | "copy" | "leave" | "delete" | undefined;

/** A dashboard that may be edited, with its changes and the possible actions. */
export interface DashboardEdit {
  /** The dashboard with all changes. */
  readonly dashboard: Dashboard;
  readonly draft: Draft;
  readonly meta: DashboardMeta;
  readonly isNew: boolean;
  readonly isEditing: boolean;
  /** Whether the user may change the dashboard, and whether the server accepts changes. */
  readonly canEdit: boolean;
  readonly canSave: boolean;
  /** Changes of an earlier visit that the user has neither continued nor discarded. */
  readonly kept: KeptDraft | undefined;
  readonly dialog: EditDialog;
  /** Folder in which the dashboard is saved; empty for none. */
  readonly folderUid: string;
  /** Whether there are changes to save. */
  readonly isChanged: boolean;
  readonly moveTo: (folderUid: string) => void;
  readonly begin: () => void;
  /** Leaves the edit mode; changes stay until they are saved or discarded. */
  readonly end: () => void;
  readonly ask: (dialog: EditDialog) => void;
  readonly dispatch: (action: DraftAction) => void;
  /** @param group successive steps of the same group are undone together */
  readonly change: (name: string, edit: (json: JsonObject) => JsonObject, group?: string) => void;
  readonly writtenJson: WrittenJson | undefined;
  readonly writeJson: Dispatch<SetStateAction<WrittenJson | undefined>>;
  /** Removes the changes that this browser stores. */
  readonly forgetOwn: () => Promise<void>;
  readonly continueKept: () => void;
  readonly discardKept: () => void;
}

export const EditContext = createContext<DashboardEdit | null>(null);

/** Returns the dashboard that is or can be edited. */
export function useDashboardEdit(): DashboardEdit {
  const edit = use(EditContext);
  if (edit === null) throw new Error("a dashboard is edited outside of its page");
  return edit;
}
