import { ActionIcon, Button, Group, Text, Tooltip } from "@mantine/core";
import { IconFolder, IconLayoutDashboard, IconRestore, IconTrash } from "@tabler/icons-react";
import { useMemo } from "react";
import type { DataColumn } from "../../../shell/DataTable.tsx";
import { CardTable } from "../frame/CardTable.tsx";
import { TimeText } from "../frame/TimeText.tsx";
import type { DeletedItem } from "./deleted-api.ts";

interface DeletedActions {
  /** The dashboard or folder that is being restored. */
  readonly pending: DeletedItem | undefined;
  readonly onRestore: (item: DeletedItem) => void;
  /** Deletes a dashboard permanently. Undefined if the user may not do this. */
  readonly onRemove: ((item: DeletedItem) => void) | undefined;
}

export function DeletedTable({
  items,
  folders,
  pending,
  onRestore,
  onRemove,
}: DeletedActions & {
  items: readonly DeletedItem[];
  /** Titles of the existing folders, by uid. Undefined until they are loaded. */
  folders: ReadonlyMap<string, string> | undefined;
}) {
  const columns = useMemo(
    () => columnsWith(folders, { pending, onRestore, onRemove }),
    [folders, pending, onRestore, onRemove],
  );
  return (
    <CardTable
      aria-label="Deleted dashboards and folders"
      columns={columns}
      items={items}
      keyOf={({ type, id }) => `${type} ${id}`}
      virtual
      estimatedHeight={() => 52}
    />
  );
}

const nameOf = ({ title }: DeletedItem): string => (title === "" ? "(no title)" : title);

const columnsWith = (
  folders: ReadonlyMap<string, string> | undefined,
  actions: DeletedActions,
): readonly DataColumn<DeletedItem>[] => [
  {
    header: "Name",
    sortKey: (item) => nameOf(item).toLowerCase(),
    className: "wrap-anywhere",
    cell: (item) => <NameCell item={item} />,
  },
  {
    header: "Was in",
    className: "wrap-anywhere",
    cell: ({ folderUid, parentUid }) => {
      const uid = folderUid ?? parentUid ?? "";
      if (uid === "") return "Dashboards";
      return folders === undefined ? "" : (folders.get(uid) ?? "A folder that is gone");
    },
  },
  {
    header: "Deleted",
    sortKey: ({ deleted }) => -Date.parse(deleted),
    cell: ({ deleted, deletedBy }) => (
      <>
        <TimeText time={deleted} />
        {deletedBy !== "" && ` by ${deletedBy}`}
      </>
    ),
  },
  {
    header: "Kept until",
    cell: ({ permanentlyDeleteDate }) => <TimeText time={permanentlyDeleteDate} />,
  },
  { header: "", width: 150, cell: (item) => <ActionCell item={item} actions={actions} /> },
];

function NameCell({ item }: { item: DeletedItem }) {
  const { type, dashboards = 0 } = item;
  const ItemIcon = type === "dash-db" ? IconLayoutDashboard : IconFolder;
  return (
    <Group gap={8} wrap="nowrap">
      <ItemIcon size={17} aria-hidden />
      <div>
        {nameOf(item)}
        <Text size="xs" c="dimmed">
          {type === "dash-db"
            ? "Dashboard"
            : `Folder with ${dashboards === 1 ? "1 dashboard" : `${dashboards} dashboards`}`}
        </Text>
      </div>
    </Group>
  );
}

function ActionCell({
  item,
  actions: { pending, onRestore, onRemove },
}: {
  item: DeletedItem;
  actions: DeletedActions;
}) {
  return (
    <Group gap={6} justify="flex-end" wrap="nowrap">
      <Button
        size="compact-sm"
        variant="default"
        leftSection={<IconRestore size={14} aria-hidden />}
        loading={pending === item}
        aria-label={`Restore ${nameOf(item)}`}
        onClick={() => onRestore(item)}
      >
        Restore
      </Button>
      {onRemove !== undefined && item.type === "dash-db" && (
        <Tooltip label="Delete permanently">
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={`Delete ${nameOf(item)} permanently`}
            onClick={() => onRemove(item)}
          >
            <IconTrash size={16} />
          </ActionIcon>
        </Tooltip>
      )}
    </Group>
  );
}
