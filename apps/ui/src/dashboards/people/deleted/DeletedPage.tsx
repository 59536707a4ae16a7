import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { Card } from "../../../shell/Card.tsx";
import { ConfirmModal } from "../../../shell/ConfirmModal.tsx";
import { EmptyMessage, ErrorMessage } from "../../../shell/StatusMessage.tsx";
import { restoreAndTell } from "../../controls/undo-deletion.tsx";
import type { SearchHit } from "../../data/dashboard-api.ts";
import { dashboardsKey } from "../../data/dashboard-queries.ts";
import { deleteForever } from "../../data/trash.ts";
import { useDashboards } from "../../data/use-dashboards.ts";
import { AdministrationPage } from "../frame/AdministrationPage.tsx";
import { Fetched } from "../frame/Fetched.tsx";
import { useChange } from "../frame/use-change.ts";
import { DeletedTable } from "./DeletedTable.tsx";
import { RestoreModal } from "./RestoreModal.tsx";
import { deletedKey, type DeletedItem, fetchDeleted } from "./deleted-api.ts";

/** Page that lists deleted dashboards and folders. The user can restore them. */
export default function DeletedPage() {
  return (
    <AdministrationPage
      title="Deleted"
      isFor={({ mayRestore }) => mayRestore}
      reason="Here are the dashboards and folders that you have deleted."
      summary="Dashboards and folders can be restored for 30 days."
    >
      {({ isOrgAdmin }) => <DeletedList isOrgAdmin={isOrgAdmin} />}
    </AdministrationPage>
  );
}

interface Restoring {
  readonly item: DeletedItem;
  readonly folderUid?: string;
}

/** Returns the titles of the existing folders by uid. */
const folderTitles = (hits: readonly SearchHit[]): ReadonlyMap<string, string> =>
  new Map(hits.flatMap(({ type, uid, title }) => (type === "dash-folder" ? [[uid, title]] : [])));

function DeletedList({ isOrgAdmin }: { isOrgAdmin: boolean }) {
  const result = useQuery({ queryKey: deletedKey, queryFn: ({ signal }) => fetchDeleted(signal) });
  const { data: hits } = useDashboards("");
  const keys = [deletedKey, dashboardsKey];
  const restoring = useChange(({ item, folderUid }: Restoring) => restoreAndTell(item, folderUid), keys);
  const removing = useChange(deleteForever, keys);
  const [toRemove, setToRemove] = useState<DeletedItem>();
  const [toPlace, setToPlace] = useState<DeletedItem>();
  const folders = useMemo(() => hits && folderTitles(hits), [hits]);
  // Asks for another folder if the folder from which the item was deleted no longer exists. Only an admin can select
  // one.
  const start = (item: DeletedItem): void => {
    const { type, folderUid = "" } = item;
    const isGone = folders !== undefined && folderUid !== "" && !folders.has(folderUid);
    if (isOrgAdmin && type === "dash-db" && isGone) setToPlace(item);
    else restoring.mutate({ item });
  };
  const { error } = restoring.error === null ? removing : restoring;
  return (
    <>
      {error !== null && <ErrorMessage error={error} title="The change was refused" />}
      <Fetched result={result} label="Loading deleted dashboards">
        {(items) =>
          items.length === 0 ? (
            <EmptyMessage title="Nothing was deleted in the last 30 days" />
          ) : (
            <Card>
              <DeletedTable
                items={items}
                folders={folders}
                pending={restoring.isPending ? restoring.variables.item : undefined}
                onRestore={start}
                onRemove={isOrgAdmin ? setToRemove : undefined}
              />
            </Card>
          )
        }
      </Fetched>
      {toPlace !== undefined && (
        <RestoreModal
          item={toPlace}
          onRestore={(folderUid) => restoring.mutate({ item: toPlace, folderUid })}
          onClose={() => setToPlace(undefined)}
        />
      )}
      {toRemove !== undefined && (
        <ConfirmModal
          title="Delete the dashboard permanently?"
          action="Delete"
          onConfirm={() => removing.mutate(toRemove)}
          onClose={() => setToRemove(undefined)}
        >
          “{toRemove.title}” and all its versions can then no longer be restored.
        </ConfirmModal>
      )}
    </>
  );
}
