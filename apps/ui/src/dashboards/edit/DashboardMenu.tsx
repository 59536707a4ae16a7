import { ActionIcon, Menu } from "@mantine/core";
import { IconChevronDown, IconCopy, IconDotsVertical, IconTrash } from "@tabler/icons-react";
import { useDashboardEdit } from "../draft/edit-context.ts";

/** A menu that saves a copy of the dashboard, or deletes the dashboard. */
export function DashboardMenu({
  label,
  isJoined = false,
}: {
  label: string;
  /** Whether the button of the menu is joined to another button. */
  isJoined?: boolean;
}) {
  const { openDialog, meta } = useDashboardEdit();
  return (
    <Menu position="bottom-end" withinPortal transitionProps={{ exitDuration: 0 }}>
      <Menu.Target>
        <ActionIcon variant="default" size={30} aria-label={label}>
          {isJoined ? <IconChevronDown size={16} /> : <IconDotsVertical size={16} />}
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconCopy size={16} aria-hidden />} onClick={() => openDialog("copy")}>
          Save as…
        </Menu.Item>
        {meta.canDelete !== false && meta.provisioned !== true && (
          <>
            <Menu.Divider />
            <Menu.Item
              color="red.8"
              leftSection={<IconTrash size={16} aria-hidden />}
              onClick={() => openDialog("delete")}
            >
              Delete…
            </Menu.Item>
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
