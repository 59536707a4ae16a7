import type { Dashboard, SourceListing } from "@narthex/dashboards";
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
import { whenLoaded } from "../../shell/when-loaded.tsx";

const EditDialogs = whenLoaded(() => import("./EditDialogs.tsx"), null);
const EditToolbar = whenLoaded(() => import("./EditToolbar.tsx"), null);
const EditSurface = whenLoaded(() => import("./EditSurface.tsx"), <LoadingMessage label="Loading the editor" />);
const KeptDraftOffer = whenLoaded(() => import("./KeptDraftOffer.tsx"), null);

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
      {kept !== undefined && <KeptDraftOffer kept={kept} />}
      <OpenDashboard
        dashboard={dashboard}
        meta={meta}
        sources={sources}
        findings={props.findings}
        tools={
          <>
            {isEditing ? (
              <EditToolbar />
            ) : (
              <>
                {meta.canStar === true && <StarButton uid={dashboard.uid} isStarred={meta.isStarred === true} />}
                {canEdit && <EditButton />}
                {canEdit && <DashboardMenu label="More actions" />}
              </>
            )}
            {dialog !== undefined && <EditDialogs dialog={dialog} />}
          </>
        }
        surface={isEditing && <EditSurface />}
      />
    </EditContext>
  );
}
