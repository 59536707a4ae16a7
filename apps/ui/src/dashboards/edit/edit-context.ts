import type { Dashboard, JsonObject } from "@narthex/dashboards";
import { createContext, type Dispatch, type SetStateAction, use } from "react";
import type { DashboardMeta } from "../page/dashboard-api.ts";
import type { Draft, DraftAction } from "./draft/draft.ts";
import type { KeptDraft } from "./draft/kept-drafts.ts";
import type { WrittenJson } from "./draft/written-json.ts";

/** What is asked of whoever edits, above the page. */
export type EditDialog = "save" | "copy" | "leave" | "delete" | undefined;

/** A dashboard that may be edited, what has been done to it and what can be. */
export interface DashboardEdit {
  /** With all that was changed. */
  readonly dashboard: Dashboard;
  readonly draft: Draft;
  readonly meta: DashboardMeta;
  readonly isNew: boolean;
  readonly isEditing: boolean;
  /** Whether who looks at it may change it, and whether the role takes the change. */
  readonly canEdit: boolean;
  readonly canSave: boolean;
  /** Changes of an earlier visit that nobody has taken up or thrown away. */
  readonly kept: KeptDraft | undefined;
  readonly dialog: EditDialog;
  /** Where it is to lie; empty: not in a folder. */
  readonly folderUid: string;
  /** Whether there is anything to save. */
  readonly isChanged: boolean;
  readonly moveTo: (folderUid: string) => void;
  readonly begin: () => void;
  /** Looks at it again; changes stay until they are saved or thrown away. */
  readonly end: () => void;
  readonly ask: (dialog: EditDialog) => void;
  readonly dispatch: (action: DraftAction) => void;
  /** @param group steps of one group that follow each other are undone as one */
  readonly change: (name: string, edit: (json: JsonObject) => JsonObject, group?: string) => void;
  readonly writtenJson: WrittenJson | undefined;
  readonly writeJson: Dispatch<SetStateAction<WrittenJson | undefined>>;
  /** Forgets what this browser keeps of the changes. */
  readonly forgetOwn: () => Promise<void>;
  readonly continueKept: () => void;
  readonly discardKept: () => void;
}

export const EditContext = createContext<DashboardEdit | null>(null);

/** The dashboard that is being edited, or could be. */
export function useDashboardEdit(): DashboardEdit {
  const edit = use(EditContext);
  if (edit === null) throw new Error("a dashboard is edited outside of its page");
  return edit;
}
