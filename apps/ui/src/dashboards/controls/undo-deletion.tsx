import { Button, Group, Text } from "@mantine/core";
import type { QueryClient } from "@tanstack/react-query";
import { hideNotification, showNotification } from "../../shell/Notifications.tsx";
import { errorSentence } from "../../shell/StatusMessage.tsx";
import { dashboardsKey } from "../data/dashboard-queries.ts";
import { restore, type TrashedItem } from "../data/trash.ts";

/** Time for which the message with the button Undo is shown, ms. */
const UNDO_MS = 20_000;

/** Restores a dashboard or folder, and shows a message. Rejects with ApiError. */
export async function restoreAndTell(item: TrashedItem, folderUid?: string): Promise<void> {
  const { notRestored = [] } = await restore(item, folderUid);
  const isWhole = notRestored.length === 0;
  showNotification({
    color: isWhole ? "fennel" : "yellow",
    title: `“${item.title}” was restored`,
    message: isWhole ? "" : `Not restored, because the uids are in use: ${notRestored.join(", ")}`,
    autoClose: isWhole ? 4000 : false,
  });
}

/** Shows that dashboards or folders were deleted, with a button that restores them. */
export function showDeleted(client: QueryClient, items: readonly TrashedItem[]): void {
  const [first] = items;
  if (first === undefined) return;
  const id = `deleted ${items.map(({ uid }) => uid).join(" ")}`;
  const undo = async (): Promise<void> => {
    hideNotification(id);
    for (const item of items)
      await restoreAndTell(item).catch((error: unknown) =>
        showNotification({
          color: "red",
          title: `“${item.title}” was not restored`,
          message: errorSentence(error),
          autoClose: false,
        }),
      );
    await client.invalidateQueries({ queryKey: dashboardsKey });
  };
  showNotification({
    id,
    color: "fennel",
    title: items.length === 1 ? `“${first.title}” was deleted` : `${items.length} dashboards were deleted`,
    message: (
      <Group justify="space-between" gap="xs">
        <Text size="sm">Restore is possible for 30 days.</Text>
        <Button size="compact-sm" variant="light" onClick={() => void undo()}>
          Undo
        </Button>
      </Group>
    ),
    autoClose: UNDO_MS,
  });
}
