import type { Dashboard, JsonObject } from "@narthex/dashboards";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "react-router";
import { rootPath } from "../../../api/root-path.ts";
import { showNotification } from "../../../shell/Notifications.tsx";
import { routeOf } from "../../data/dashboard-list.ts";
import type { DashboardMeta } from "../../data/dashboard-api.ts";
import { dashboardOf } from "../../draft/draft-dashboard.ts";
import { useDashboardEdit } from "../../draft/edit-context.ts";
import { saveDashboard, type SavedDashboard, type SaveRequest } from "./dashboard-writes.ts";
import { dashboardKey, dashboardsKey } from "../../data/dashboard-queries.ts";

interface Opened {
  readonly dashboard: Dashboard;
  readonly meta: DashboardMeta;
}

/** Returns the cached data of a dashboard's page, updated with the JSON, version and folder that were saved. */
const openedAgain = (opened: Opened, stored: JsonObject, { version, folderUid }: SavedDashboard): Opened => ({
  ...opened,
  dashboard: dashboardOf(stored, opened.dashboard),
  meta: { ...opened.meta, version, folderUid },
});

export function useSave(onDone: () => void) {
  const { dispatch, isNew, end, draft, forgetOwn } = useDashboardEdit();
  const client = useQueryClient();
  const navigate = useNavigate();
  return useMutation({
    mutationFn: (order: SaveRequest) => saveDashboard(order),
    // Remembers the JSON that is sent, because the draft may change while the request runs.
    onMutate: () => draft.json,
    onSuccess: async (saved, { dashboard }, sent) => {
      const { id, uid, version, url } = saved;
      const stored: JsonObject = { ...dashboard, id, uid, version };
      const isSame = !isNew && uid === draft.base["uid"];
      showNotification({ color: "green", title: "Dashboard saved", message: String(stored["title"]), autoClose: 4000 });
      if (isSame) dispatch({ type: "saved", sent, stored });
      else {
        await forgetOwn();
        dispatch({ type: "discard" });
      }
      if (isSame)
        client.setQueryData<Opened>(dashboardKey(uid), (opened) => opened && openedAgain(opened, stored, saved));
      else client.removeQueries({ queryKey: dashboardKey(uid) });
      void client.invalidateQueries({ queryKey: dashboardsKey });
      onDone();
      if (isSame) end();
      else void navigate(routeOf(url, rootPath), { replace: isNew });
    },
  });
}

export type Save = ReturnType<typeof useSave>;
