import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "react-router";
import { ConfirmModal } from "../../../shell/ConfirmModal.tsx";
import { showNotification } from "../../../shell/Notifications.tsx";
import { errorSentence } from "../../../shell/StatusMessage.tsx";
import { showDeleted } from "../../controls/undo-deletion.tsx";
import { forgetAllDrafts } from "../../draft/kept-drafts.ts";
import { useViewer } from "../../../shell/viewer.ts";
import { useDashboardEdit } from "../../draft/edit-context.ts";
import { deleteDashboard } from "./dashboard-writes.ts";
import { dashboardKey, dashboardsKey } from "../../data/dashboard-queries.ts";

/** Asks for confirmation, deletes the dashboard, and then opens the list of dashboards. */
export function DeleteModal({ onClose }: { onClose: () => void }) {
  const { dashboard, dispatch } = useDashboardEdit();
  const client = useQueryClient();
  const navigate = useNavigate();
  const login = useViewer()?.login ?? "";
  const { mutate } = useMutation({
    mutationFn: () => deleteDashboard(dashboard.uid),
    onSuccess: async () => {
      dispatch({ type: "discard" });
      await forgetAllDrafts({ login, uid: dashboard.uid });
      client.removeQueries({ queryKey: dashboardKey(dashboard.uid) });
      await client.invalidateQueries({ queryKey: dashboardsKey });
      void navigate("/dashboards");
      showDeleted(client, [{ type: "dash-db", uid: dashboard.uid, title: dashboard.title }]);
    },
    onError: (error) =>
      showNotification({ color: "red", title: "The dashboard was not deleted", message: errorSentence(error) }),
  });
  return (
    <ConfirmModal title="Delete the dashboard?" action="Delete" onConfirm={mutate} onClose={onClose}>
      “{dashboard.title}” and all its versions will be deleted. The dashboard can be restored for 30 days.
    </ConfirmModal>
  );
}
