import type { Dashboard } from "@narthex/dashboards";
import { useCallback, useMemo, useReducer, useState } from "react";
import { useSearchParams } from "react-router";
import type { DashboardMeta } from "../data/dashboard-api.ts";
import type { DashboardEdit, EditDialog } from "../draft/edit-context.ts";
import type { WrittenJson } from "../draft/written-json.ts";
import { type Draft, type DraftAction, newDraft, reduceDraft } from "../draft/draft.ts";
import { dashboardOf } from "../draft/draft-dashboard.ts";
import type { DraftOwner } from "../draft/kept-drafts.ts";
import { useHandedPanel } from "./use-handed-panel.ts";
import { useKeptDraft } from "../draft/use-kept-draft.ts";

interface EditState {
  readonly draft: Draft;
  readonly dashboard: Dashboard;
}

const open = (dashboard: Dashboard): EditState => ({ draft: newDraft(dashboard.source), dashboard });

function reduce(state: EditState, action: DraftAction): EditState {
  const draft = reduceDraft(state.draft, action);
  return draft === state.draft ? state : { draft, dashboard: dashboardOf(draft.json, state.dashboard) };
}

/** Parameters of an address that open an editor. */
const EDIT_PARAMETERS = ["editPanel", "editview"] as const;

/**
 * Returns the edit state of an open dashboard. A new dashboard starts in edit mode.
 * @param login login of the user; undefined if not known yet
 */
export function useEditState(
  opened: Dashboard,
  meta: DashboardMeta,
  isNew = false,
  login: string | undefined = "",
): DashboardEdit {
  const [{ draft, dashboard }, dispatch] = useReducer(reduce, opened, open);
  const [params, setParams] = useSearchParams();
  useHandedPanel(opened.uid, meta.canEdit === true, dispatch);
  const [isOn, setOn] = useState(isNew);
  const [writtenJson, writeJson] = useState<WrittenJson>();
  const [dialog, openDialog] = useState<EditDialog>();
  const [folder, moveTo] = useState<string>();
  const [stored, setStored] = useState(meta.folderUid ?? "");
  const folderUid = folder ?? stored;
  const canEdit = meta.canEdit === true;
  const owner = useMemo(
    () => (canEdit && login !== undefined ? { login, uid: opened.uid } : undefined),
    [canEdit, login, opened.uid],
  );
  const earlier = useKeptChanges(owner, draft, [writtenJson, writeJson], dispatch, setOn);
  const end = useCallback((): void => {
    setOn(false);
    setParams((before) => {
      const next = new URLSearchParams(before);
      for (const name of EDIT_PARAMETERS) next.delete(name);
      return next;
    });
  }, [setParams]);
  const hasEditUrl = EDIT_PARAMETERS.some((name) => params.has(name));
  return useMemo(
    () => ({
      dashboard,
      draft,
      meta,
      isNew,
      // Edit mode also starts if the user has changed a panel through its menu or has typed JSON that is not applied,
      // because these changes must be saved.
      isEditing: canEdit && (isOn || hasEditUrl || draft.isDirty || writtenJson !== undefined),
      canEdit,
      canSave: meta.canSave === true && meta.provisioned !== true,
      dialog,
      folderUid,
      isChanged: draft.isDirty || isNew || folderUid !== stored,
      moveTo,
      writtenJson,
      writeJson,
      ...earlier,
      end,
      openDialog,
      dispatch: (action) => {
        if (action.type === "saved") setStored(folderUid);
        dispatch(action);
      },
      change: (name, edit, group) =>
        dispatch({ type: "change", name, edit, ...(group === undefined ? {} : { group }) }),
    }),
    [dashboard, draft, meta, isNew, canEdit, isOn, hasEditUrl, dialog, folderUid, stored, writtenJson, earlier, end],
  );
}

/** Returns unsaved changes that were stored in the browser, and functions to continue or discard them. */
function useKeptChanges(
  owner: DraftOwner | undefined,
  draft: Draft,
  [written, writeJson]: readonly [WrittenJson | undefined, DashboardEdit["writeJson"]],
  dispatch: (action: DraftAction) => void,
  setOn: (isOn: boolean) => void,
): Pick<DashboardEdit, "kept" | "continueKept" | "discardKept" | "begin" | "forgetOwn"> {
  const { kept, adopt, forget, forgetOwn } = useKeptDraft(owner, draft, written);
  const continueKept = useCallback((): void => {
    setOn(true);
    if (kept === undefined) return;
    adopt();
    dispatch({ type: "continue", json: kept.json, version: kept.version });
    if (kept.written !== undefined) writeJson(kept.written);
  }, [kept, adopt, dispatch, writeJson, setOn]);
  const isUntouched = draft.past.length === 0 && written === undefined;
  const begin = useCallback((): void => {
    // Stored changes are not loaded if the user has already made new changes. The stored changes stay available.
    if (isUntouched) continueKept();
    else setOn(true);
  }, [isUntouched, continueKept, setOn]);
  return useMemo(
    () => ({ kept, discardKept: forget, forgetOwn, continueKept, begin }),
    [kept, forget, forgetOwn, continueKept, begin],
  );
}
