import { ActionIcon } from "@mantine/core";
import { IconLock, IconPencil, IconTrash } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { Link } from "react-router";
import { rootPath } from "../../../api/root-path.ts";
import { ConfirmModal } from "../../../shell/ConfirmModal.tsx";
import { showNotification } from "../../../shell/Notifications.tsx";
import { errorSentence } from "../../../shell/StatusMessage.tsx";
import type { SearchHit } from "../../data/dashboard-api.ts";
import { routeOf } from "../../data/dashboard-list.ts";
import { deleteFolder } from "./folder-writes.ts";
import { dashboardsKey } from "../../data/dashboard-queries.ts";

const FolderModal = lazy(() => import("./FolderModal.tsx"));

/** Returns the path of the page of a folder's permissions. */
export const folderPermissionsPath = ({ url }: SearchHit): string => `${routeOf(url, rootPath)}/permissions`;

/** The link to a folder's permissions, which only users who may change the permissions see. */
export function FolderPermissionsLink({ folder }: { folder: SearchHit }) {
  return (
    <ActionIcon
      component={Link}
      to={folderPermissionsPath(folder)}
      variant="subtle"
      color="gray"
      aria-label={`Permissions of folder ${folder.title}`}
    >
      <IconLock size={16} />
    </ActionIcon>
  );
}

/** Buttons that change a folder, for users who may change it. */
export function FolderActions({ folder, count }: { folder: SearchHit; count: number }) {
  const [open, setOpen] = useState<"edit" | "delete">();
  const client = useQueryClient();
  const { mutate } = useMutation({
    mutationFn: () => deleteFolder(folder.uid),
    onSuccess: () => client.invalidateQueries({ queryKey: dashboardsKey }),
    onError: (error) =>
      showNotification({ color: "red", title: "The folder was not deleted", message: errorSentence(error) }),
  });
  const close = (): void => setOpen(undefined);
  return (
    <>
      <ActionIcon
        variant="subtle"
        color="gray"
        aria-label={`Rename or move folder ${folder.title}`}
        onClick={() => setOpen("edit")}
      >
        <IconPencil size={16} />
      </ActionIcon>
      <ActionIcon
        variant="subtle"
        color="gray"
        aria-label={`Delete folder ${folder.title}`}
        onClick={() => setOpen("delete")}
      >
        <IconTrash size={16} />
      </ActionIcon>
      {open === "edit" && (
        <Suspense fallback={null}>
          <FolderModal folder={folder} parentUid={folder.folderUid ?? ""} onClose={close} />
        </Suspense>
      )}
      {open === "delete" && (
        <ConfirmModal title="Delete the folder?" action="Delete" onConfirm={mutate} onClose={close}>
          “{folder.title}”{" "}
          {count === 0
            ? "is empty."
            : `and ${count === 1 ? "the dashboard" : `all ${count} dashboards`} in it will be deleted.`}{" "}
          The folder can be restored for 30 days.
        </ConfirmModal>
      )}
    </>
  );
}
