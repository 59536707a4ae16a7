import { Badge, Button, Group, Modal, Stack, Text } from "@mantine/core";
import { useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { type GroupChange, storedRules } from "../../api/stored-rules.ts";
import { formatInstantWithZone, parseApiTime } from "../../format/instant.ts";
import { CardItem } from "../../shell/Card.tsx";
import { EditorButton } from "../../shell/EditorButton.tsx";
import { EmptyMessage, ErrorMessage, LoadingMessage } from "../../shell/StatusMessage.tsx";
import { useTimeZone } from "../../shell/time-zone.ts";
import { DiffView } from "./DiffView.tsx";

/** Shows the last changes of a group, or of all groups, and restores a group to its text before a change. */
export function HistoryModal({
  place,
  onRestored,
  onClose,
}: {
  place: { readonly namespace?: string; readonly group?: string };
  onRestored: () => void;
  onClose: () => void;
}) {
  const client = useQueryClient();
  const result = useInfiniteQuery({
    queryKey: ["stored rules", "history", place],
    queryFn: ({ signal, pageParam }) =>
      storedRules.history({ ...place, ...(pageParam === 0 ? {} : { before: pageParam }) }, signal),
    initialPageParam: 0,
    getNextPageParam: ({ data: { changes, more } }) => (more ? changes.at(-1)?.id : undefined),
    gcTime: 0,
  });
  const restore = useMutation({
    mutationFn: ({ namespace, text }: { readonly namespace: string; readonly text: string }) =>
      storedRules.restore(namespace, text),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ["stored rules"] });
      onRestored();
    },
  });
  const changes = result.data?.pages.flatMap(({ data }) => data.changes) ?? [];
  const { namespace, group } = place;
  return (
    <Modal
      opened
      onClose={onClose}
      size="xl"
      title={group === undefined ? "Changes of stored rules" : `Changes of ${namespace ?? ""} / ${group}`}
    >
      <Stack gap="sm">
        {result.isPending && <LoadingMessage label="Loading the history" />}
        {result.isError && <ErrorMessage error={result.error} onRetry={() => void result.refetch()} />}
        {restore.isError && <ErrorMessage error={restore.error} title="The group is not restored" />}
        {result.isSuccess && changes.length === 0 && <EmptyMessage title="No change is recorded" />}
        {changes.map((change) => (
          <ChangeItem
            key={change.id}
            change={change}
            isBusy={restore.isPending}
            onRestore={(text) => restore.mutate({ namespace: change.namespace, text })}
          />
        ))}
        {result.hasNextPage && (
          <Button variant="default" loading={result.isFetchingNextPage} onClick={() => void result.fetchNextPage()}>
            Show older changes
          </Button>
        )}
      </Stack>
    </Modal>
  );
}

function ChangeItem({
  change,
  isBusy,
  onRestore,
}: {
  change: GroupChange;
  isBusy: boolean;
  onRestore: (text: string) => void;
}) {
  const zone = useTimeZone();
  const { time, user, address, namespace, group, before, after } = change;
  const unixMs = parseApiTime(time);
  const kind = before === null ? "added" : after === null ? "deleted" : "changed";
  return (
    <CardItem as="article">
      <Group justify="space-between" gap="xs" mb={6}>
        <Group gap="xs">
          <Badge variant="light" tt="none" color={kind === "added" ? "green" : kind === "deleted" ? "red" : "blue"}>
            {kind}
          </Badge>
          <Text size="sm" fw={600} className="wrap-anywhere">
            {namespace} / {group}
          </Text>
          <Text size="xs" c="dimmed">
            {unixMs === null ? time : formatInstantWithZone(unixMs, zone)} by{" "}
            {user === "" ? address : `${user}, ${address}`}
          </Text>
        </Group>
        {before !== null && (
          <EditorButton size="compact-sm" variant="default" loading={isBusy} onClick={() => onRestore(before)}>
            Restore the text before
          </EditorButton>
        )}
      </Group>
      <DiffView before={before ?? ""} after={after ?? ""} />
    </CardItem>
  );
}
