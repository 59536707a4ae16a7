import type { Dashboard, SourceListing } from "@narthex/dashboards";
import { lazy, Suspense } from "react";
import { LoadingMessage } from "../../shell/StatusMessage.tsx";
import type { DashboardMeta } from "../data/dashboard-api.ts";
import type { Findings } from "../page/DashboardFindings.tsx";
import { useEditingReport } from "../page/editing-listener.ts";
import { OpenDashboard } from "../page/OpenDashboard.tsx";
import { StarButton } from "../controls/StarButton.tsx";
import { useViewer } from "../../shell/viewer.ts";
import { EditContext } from "../draft/edit-context.ts";
import { DashboardMenu } from "./DashboardMenu.tsx";
import { EditButton } from "./EditButton.tsx";
import { useEditState } from "./use-edit-state.ts";

const EditDialogs = lazy(() => import("./EditDialogs.tsx"));
const EditToolbar = lazy(() => import("./EditToolbar.tsx"));
const EditSurface = lazy(() => import("./EditSurface.tsx"));
const KeptDraftOffer = lazy(() => import("./KeptDraftOffer.tsx"));

/** A dashboard that permitted users can edit. The editor's code is loaded when editing starts. */
export function EditableDashboard(props: {
  dashboard: Dashboard;
  meta: DashboardMeta;
  sources: readonly SourceListing[];
  isNew?: boolean;
  /** Migrations and problems that were found when the dashboard's JSON was read. */
  findings?: Findings;
}) {
  const { sources, meta, isNew } = props;
  const login = useViewer()?.login;
  const edit = useEditState(props.dashboard, meta, isNew, login);
  const { dashboard, isEditing, kept, canEdit, dialog } = edit;
  useEditingReport(isEditing);
  return (
    <EditContext value={edit}>
      {kept !== undefined && (
        <Suspense fallback={null}>
          <KeptDraftOffer kept={kept} />
        </Suspense>
      )}
      <OpenDashboard
        dashboard={dashboard}
        meta={meta}
        sources={sources}
        findings={props.findings}
        tools={
          <>
            {isEditing ? (
              <Suspense fallback={null}>
                <EditToolbar />
              </Suspense>
            ) : (
              <>
                {meta.canStar === true && <StarButton uid={dashboard.uid} isStarred={meta.isStarred === true} />}
                {canEdit && <EditButton />}
                {canEdit && <DashboardMenu label="More actions" />}
              </>
            )}
            {dialog !== undefined && (
              <Suspense fallback={null}>
                <EditDialogs dialog={dialog} />
              </Suspense>
            )}
          </>
        }
        surface={
          isEditing && (
            <Suspense fallback={<LoadingMessage label="Loading the editor" />}>
              <EditSurface />
            </Suspense>
          )
        }
      />
    </EditContext>
  );
}
