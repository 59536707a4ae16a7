import { Button, Menu } from "@mantine/core";
import { IconFolderPlus, IconLayoutDashboard, IconPlus, IconUpload, IconWand } from "@tabler/icons-react";
import { useState } from "react";
import { Link } from "react-router";
import { useIsEditor } from "../../shell/viewer.ts";
import { whenLoaded } from "../../shell/when-loaded.tsx";

const FolderModal = whenLoaded(() => import("./folders/FolderModal.tsx"), null);

/** Menu for creating a dashboard or folder, or importing a dashboard. The first entry needs the fewest steps. */
export function NewMenu({ folderUid = "" }: { folderUid?: string }) {
  const isEditor = useIsEditor();
  const [isFolderOpen, setFolderOpen] = useState(false);
  if (isEditor !== true) return null;
  const search = folderUid === "" ? "" : `?${new URLSearchParams({ folderUid })}`;
  return (
    <>
      <Menu position="bottom-end" withinPortal>
        <Menu.Target>
          <Button size="xs" leftSection={<IconPlus size={15} aria-hidden />}>
            New
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item component={Link} to="/dashboard/generate" leftSection={<IconWand size={16} aria-hidden />}>
            Dashboard from metrics
          </Menu.Item>
          <Menu.Item
            component={Link}
            to={`/dashboard/new${search}`}
            leftSection={<IconLayoutDashboard size={16} aria-hidden />}
          >
            New dashboard
          </Menu.Item>
          <Menu.Item leftSection={<IconFolderPlus size={16} aria-hidden />} onClick={() => setFolderOpen(true)}>
            New folder
          </Menu.Item>
          <Menu.Item
            component={Link}
            to={`/dashboard/import${search}`}
            leftSection={<IconUpload size={16} aria-hidden />}
          >
            Import
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {isFolderOpen && <FolderModal parentUid={folderUid} onClose={() => setFolderOpen(false)} />}
    </>
  );
}
