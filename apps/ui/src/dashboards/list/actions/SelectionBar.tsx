import { Button, Group, Text } from "@mantine/core";
import { IconFolderSymlink, IconTrash } from "@tabler/icons-react";

/** The actions for the selected dashboards. */
export function SelectionBar({
  count,
  onMove,
  onDelete,
  onClear,
}: {
  count: number;
  onMove: () => void;
  onDelete: () => void;
  onClear: () => void;
}) {
  return (
    <Group gap="xs" mb="sm" role="group" aria-label="Selected dashboards">
      <Text size="sm" fw={600} role="status">
        {count} selected
      </Text>
      <Button size="xs" variant="default" leftSection={<IconFolderSymlink size={15} aria-hidden />} onClick={onMove}>
        Move…
      </Button>
      <Button size="xs" color="red.8" leftSection={<IconTrash size={15} aria-hidden />} onClick={onDelete}>
        Delete…
      </Button>
      <Button size="xs" variant="subtle" onClick={onClear}>
        Clear
      </Button>
    </Group>
  );
}
