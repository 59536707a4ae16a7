import { Menu } from "@mantine/core";
import { IconCopy, IconFolderSymlink, IconTrash } from "@tabler/icons-react";
import type { SearchHit } from "../../data/dashboard-api.ts";
import { RowMenu } from "./RowMenu.tsx";

/** The menu of a dashboard in the list, for editors. */
export function DashboardMenu({
  hit,
  onDuplicate,
  onMove,
  onDelete,
}: {
  hit: SearchHit;
  onDuplicate: () => void;
  onMove: () => void;
  onDelete: () => void;
}) {
  return (
    <RowMenu label={`Actions of ${hit.title}`}>
      <Menu.Item leftSection={<IconCopy size={16} aria-hidden />} onClick={onDuplicate}>
        Duplicate
      </Menu.Item>
      <Menu.Item leftSection={<IconFolderSymlink size={16} aria-hidden />} onClick={onMove}>
        Move…
      </Menu.Item>
      <Menu.Divider />
      <Menu.Item color="red.8" leftSection={<IconTrash size={16} aria-hidden />} onClick={onDelete}>
        Delete…
      </Menu.Item>
    </RowMenu>
  );
}
