import type { JsonObject } from "@narthex/dashboards";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "react-router";
import { rootPath } from "../../../api/root-path.ts";
import { showNotification } from "../../../shell/Notifications.tsx";
import { routeOf } from "../../list/dashboard-list.ts";
import { forgetDraft } from "../draft/kept-drafts.ts";
import { useDashboardEdit } from "../edit-context.ts";
import { saveDashboard, type SaveOrder } from "./dashboard-writes.ts";

/** Saves the dashboard that is edited; what is on the page then is what is saved. */
export function useSave(onDone: () => void) {
  const { dispatch, isNew, end, draft, dashboard: edited } = useDashboardEdit();
  const client = useQueryClient();
  const navigate = useNavigate();
  return useMutation({
    mutationFn: (order: SaveOrder) => saveDashboard(order),
    onSuccess: async (saved, { dashboard }) => {
      const { id, uid, version, url } = saved;
      const stored: JsonObject = { ...dashboard, id, uid, version };
      const isSame = !isNew && uid === draft.base["uid"];
      showNotification({ color: "green", title: "Dashboard saved", message: String(stored["title"]), autoClose: 4000 });
      if (isSame) dispatch({ type: "saved", sent: draft.json, stored });
      else {
        await forgetDraft(edited.uid);
        dispatch({ type: "discard" });
      }
      client.removeQueries({ queryKey: ["dashboard", uid], type: isSame ? "inactive" : "all" });
      void client.invalidateQueries({ queryKey: ["dashboards"] });
      onDone();
      if (isSame) end();
      else void navigate(routeOf(url, rootPath), { replace: isNew });
    },
  });
}

export type Save = ReturnType<typeof useSave>;
