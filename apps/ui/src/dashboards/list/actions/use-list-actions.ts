import { useMutation, useQueryClient } from "@tanstack/react-query";
import { showNotification } from "../../../shell/Notifications.tsx";
import { errorSentence } from "../../../shell/StatusMessage.tsx";
import { showDeleted } from "../../controls/undo-deletion.tsx";
import type { SearchHit } from "../../data/dashboard-api.ts";
import { dashboardsKey } from "../../data/dashboard-queries.ts";
import { type Changed, copyTitle, deleteDashboards, duplicateDashboard, moveDashboards } from "./list-writes.ts";

/** Shows which dashboards could not be changed, with the reason of the first one. */
function showFailures(what: string, failed: Changed["failed"]): void {
  const [first] = failed;
  if (first === undefined) return;
  const others = failed.length === 1 ? "" : ` and ${failed.length - 1} other dashboards`;
  showNotification({
    color: "red",
    title: `“${first.hit.title}”${others} ${others === "" ? "was" : "were"} not ${what}`,
    message: errorSentence(first.error),
    autoClose: false,
  });
}

/** Returns functions that duplicate, move and delete dashboards of the list, with a message about the result. */
export function useListActions() {
  const client = useQueryClient();
  const onSettled = (): Promise<void> => client.invalidateQueries({ queryKey: dashboardsKey });
  const duplicate = useMutation({
    mutationFn: ({ hit, hits }: { hit: SearchHit; hits: readonly SearchHit[] }) => {
      const title = copyTitle(hit, hits);
      return duplicateDashboard(hit.uid, title).then(() => title);
    },
    onSuccess: (title) =>
      showNotification({ color: "fennel", title: "Dashboard copied", message: title, autoClose: 4000 }),
    onError: (error, { hit }) => showFailures("copied", [{ hit, error }]),
    onSettled,
  });
  const move = useMutation({
    mutationFn: ({ hits, folderUid }: { hits: readonly SearchHit[]; folderUid: string }) =>
      moveDashboards(hits, folderUid),
    onSuccess: ({ done, failed }) => {
      showFailures("moved", failed);
      if (done.length > 0)
        showNotification({
          color: "fennel",
          message: done.length === 1 ? `“${done[0]!.title}” was moved` : `${done.length} dashboards were moved`,
          autoClose: 4000,
        });
    },
    onSettled,
  });
  const remove = useMutation({
    mutationFn: (hits: readonly SearchHit[]) => deleteDashboards(hits),
    onSuccess: ({ done, failed }) => {
      showFailures("deleted", failed);
      showDeleted(client, done);
    },
    onSettled,
  });
  return { duplicate: duplicate.mutate, move: move.mutate, remove: remove.mutate };
}
