import { Menu } from "@mantine/core";
import { IconLock, IconPencil, IconTrash } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";
import { rootPath } from "../../../api/root-path.ts";
import { ConfirmModal } from "../../../shell/ConfirmModal.tsx";
import { showNotification } from "../../../shell/Notifications.tsx";
import { errorSentence } from "../../../shell/StatusMessage.tsx";
import { showDeleted } from "../../controls/undo-deletion.tsx";
import type { SearchHit } from "../../data/dashboard-api.ts";
import { routeOf } from "../../data/dashboard-list.ts";
import { RowMenu } from "../actions/RowMenu.tsx";
import { deleteFolder } from "./folder-writes.ts";
import { dashboardsKey } from "../../data/dashboard-queries.ts";
import { whenLoaded } from "../../../shell/when-loaded.tsx";

const FolderModal = whenLoaded(() => import("./FolderModal.tsx"), null);

/** Returns the path of the page of a folder's permissions. */
export const folderPermissionsPath = ({ url }: SearchHit): string => `${routeOf(url, rootPath)}/permissions`;

/** The menu of a folder. Its entries depend on what the user may do; without entries there is no menu. */
export function FolderActions({
  folder,
  count,
  isEditor,
  isAdmin,
}: {
  folder: SearchHit;
  /** Number of dashboards in the folder. */
  count: number;
  isEditor: boolean;
  /** Whether the user may change the permissions of the folder. */
  isAdmin: boolean;
}) {
  const [open, setOpen] = useState<"edit" | "delete">();
  const client = useQueryClient();
  const { mutate } = useMutation({
    mutationFn: () => deleteFolder(folder.uid),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: dashboardsKey });
      showDeleted(client, [folder]);
    },
    onError: (error) =>
      showNotification({ color: "red", title: "The folder was not deleted", message: errorSentence(error) }),
  });
  const close = (): void => setOpen(undefined);
  if (!isEditor && !isAdmin) return null;
  return (
    <>
      <RowMenu label={`Actions of folder ${folder.title}`}>
        {isEditor && (
          <Menu.Item leftSection={<IconPencil size={16} aria-hidden />} onClick={() => setOpen("edit")}>
            Rename or move…
          </Menu.Item>
        )}
        {isAdmin && (
          <Menu.Item
            component={Link}
            to={folderPermissionsPath(folder)}
            leftSection={<IconLock size={16} aria-hidden />}
          >
            Permissions
          </Menu.Item>
        )}
        {isEditor && (
          <>
            <Menu.Divider />
            <Menu.Item
              color="red.8"
              leftSection={<IconTrash size={16} aria-hidden />}
              onClick={() => setOpen("delete")}
            >
              Delete…
            </Menu.Item>
          </>
        )}
      </RowMenu>
      {open === "edit" && <FolderModal folder={folder} parentUid={folder.folderUid ?? ""} onClose={close} />}
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
