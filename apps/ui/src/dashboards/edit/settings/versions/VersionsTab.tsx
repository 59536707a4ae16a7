import { useTimeZone } from "../../../../shell/time-zone.ts";
import { Button, Checkbox, Group, Table, Text, VisuallyHidden } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { formatInstantWithZone, parseApiTime } from "../../../../format/instant.ts";
import { ConfirmModal } from "../../../../shell/ConfirmModal.tsx";
import { showNotification } from "../../../../shell/Notifications.tsx";
import { ErrorMessage, errorSentence, LoadingMessage } from "../../../../shell/StatusMessage.tsx";
import { ChangeList } from "../../changes/ChangeList.tsx";
import { useDashboardEdit } from "../../../draft/edit-context.ts";
import { type DashboardVersion, fetchVersion, fetchVersions, restoreVersion } from "../../save/dashboard-writes.ts";
import { dashboardKey } from "../../../data/dashboard-queries.ts";

/** The saved versions of a dashboard. The user can compare two versions, and restore one. */
export default function VersionsTab() {
  const { dashboard, canSave, draft } = useDashboardEdit();
  const [chosen, setChosen] = useState<readonly number[]>([]);
  const [compared, setCompared] = useState<readonly [older: number, newer: number]>();
  const [restoring, setRestoring] = useState<number>();
  const restore = useRestore();
  const { data, error, refetch } = useQuery({
    queryKey: [...dashboardKey(dashboard.uid), "versions"],
    queryFn: ({ signal }) => fetchVersions(dashboard.uid, signal),
    staleTime: 0,
  });
  if (error !== null) return <ErrorMessage error={error} onRetry={() => void refetch()} />;
  if (data === undefined) return <LoadingMessage label="Loading versions" />;
  const [older, newer] = chosen.toSorted((a, b) => a - b);
  if (compared !== undefined) return <Comparison versions={compared} onBack={() => setCompared(undefined)} />;
  const choose = (version: number): void =>
    setChosen(chosen.includes(version) ? chosen.filter((one) => one !== version) : [...chosen, version].slice(-2));
  return (
    <>
      <Group mb="sm">
        <Button
          size="xs"
          disabled={older === undefined || newer === undefined}
          onClick={() => older !== undefined && newer !== undefined && setCompared([older, newer])}
        >
          Compare the two selected versions
        </Button>
      </Group>
      <Table.ScrollContainer minWidth={560}>
        <Table aria-label="Versions">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>
                <VisuallyHidden>Compare</VisuallyHidden>
              </Table.Th>
              <Table.Th>Version</Table.Th>
              <Table.Th>Saved</Table.Th>
              <Table.Th>By</Table.Th>
              <Table.Th>Note</Table.Th>
              <Table.Th>
                <VisuallyHidden>Restore</VisuallyHidden>
              </Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {data.map((version, i) => (
              <VersionRow
                key={version.version}
                version={version}
                isChosen={chosen.includes(version.version)}
                isNewest={i === 0}
                canRestore={canSave}
                onChoose={() => choose(version.version)}
                onRestore={() => setRestoring(version.version)}
              />
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      {restoring !== undefined && (
        <ConfirmModal
          title={`Restore version ${restoring}?`}
          action="Restore"
          onConfirm={() => restore.mutate(restoring)}
          onClose={() => setRestoring(undefined)}
        >
          It becomes the newest version; later versions are kept.
          {draft.isDirty && " Your unsaved changes will be lost."}
        </ConfirmModal>
      )}
    </>
  );
}

function useRestore() {
  const { dashboard, dispatch, forgetOwn } = useDashboardEdit();
  const client = useQueryClient();
  return useMutation({
    mutationFn: (version: number) => restoreVersion(dashboard.uid, version),
    onSuccess: async (_, version) => {
      dispatch({ type: "discard" });
      await forgetOwn();
      showNotification({ color: "green", title: `Version ${version} is restored`, message: dashboard.title });
      await client.resetQueries({ queryKey: dashboardKey(dashboard.uid) });
    },
    onError: (error) =>
      showNotification({ color: "red", title: "The version was not restored", message: errorSentence(error) }),
  });
}

function VersionRow(props: {
  version: DashboardVersion;
  isChosen: boolean;
  isNewest: boolean;
  canRestore: boolean;
  onChoose: () => void;
  onRestore: () => void;
}) {
  const { version, isChosen, isNewest, canRestore, onChoose, onRestore } = props;
  const saved = parseApiTime(version.created);
  const zone = useTimeZone();
  return (
    <Table.Tr>
      <Table.Td>
        <Checkbox checked={isChosen} aria-label={`Compare version ${version.version}`} onChange={onChoose} />
      </Table.Td>
      <Table.Td>{version.version}</Table.Td>
      <Table.Td>{saved === null ? "" : formatInstantWithZone(saved, zone)}</Table.Td>
      <Table.Td>{version.createdBy === "" ? "Anonymous" : version.createdBy}</Table.Td>
      <Table.Td className="wrap-anywhere">{version.message}</Table.Td>
      <Table.Td>
        {isNewest ? (
          <Text size="xs" c="dimmed">
            Newest
          </Text>
        ) : (
          canRestore && (
            <Button
              size="compact-xs"
              variant="default"
              onClick={onRestore}
              aria-label={`Restore version ${version.version}`}
            >
              Restore
            </Button>
          )
        )}
      </Table.Td>
    </Table.Tr>
  );
}

function Comparison({ versions: [older, newer], onBack }: { versions: readonly [number, number]; onBack: () => void }) {
  const { dashboard } = useDashboardEdit();
  const { data, error } = useQuery({
    queryKey: [...dashboardKey(dashboard.uid), "versions", older, newer],
    queryFn: ({ signal }) =>
      Promise.all([fetchVersion(dashboard.uid, older, signal), fetchVersion(dashboard.uid, newer, signal)]),
  });
  return (
    <>
      <Group mb="sm">
        <Button size="xs" variant="default" onClick={onBack}>
          All versions
        </Button>
        <Text fw={600}>
          From version {older} to version {newer}
        </Text>
      </Group>
      {error !== null && <ErrorMessage error={error} />}
      {data === undefined && error === null && <LoadingMessage />}
      {data !== undefined && <ChangeList before={data[0]} after={data[1]} />}
    </>
  );
}
