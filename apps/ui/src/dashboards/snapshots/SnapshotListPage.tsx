import "../styles/mantine.css";
import { ActionIcon, Anchor, Table, Tooltip, VisuallyHidden } from "@mantine/core";
import { IconTrash } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";
import { Card } from "../../shell/Card.tsx";
import { ConfirmModal } from "../../shell/ConfirmModal.tsx";
import { PageHeader } from "../../shell/PageHeader.tsx";
import { EmptyMessage, ErrorMessage, LoadingMessage } from "../../shell/StatusMessage.tsx";
import { deleteSnapshot, fetchSnapshots, type SnapshotItem } from "../share/snapshot-api.ts";
import { dayText, neverExpires } from "./snapshot-times.ts";

export default function SnapshotListPage() {
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ["snapshots"],
    queryFn: ({ signal }) => fetchSnapshots(signal),
  });
  const client = useQueryClient();
  const remove = useMutation({
    mutationFn: deleteSnapshot,
    onSettled: () => client.invalidateQueries({ queryKey: ["snapshots"] }),
  });
  const [toDelete, setToDelete] = useState<SnapshotItem>();
  return (
    <>
      <PageHeader title="Snapshots">{data !== undefined && `${data.length} kept`}</PageHeader>
      {error !== null && <ErrorMessage error={error} onRetry={() => void refetch()} />}
      {remove.error !== null && <ErrorMessage error={remove.error} />}
      {isPending && <LoadingMessage label="Loading snapshots" />}
      {data?.length === 0 && (
        <EmptyMessage title="No snapshots yet">
          Share a dashboard and choose Snapshot to store its current data.
        </EmptyMessage>
      )}
      {data !== undefined && data.length > 0 && (
        <Card>
          <Table.ScrollContainer minWidth={320}>
            <Table>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>Name</Table.Th>
                  <Table.Th className="wide-only">Made</Table.Th>
                  <Table.Th>Expires</Table.Th>
                  <Table.Th>
                    <VisuallyHidden>Actions</VisuallyHidden>
                  </Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {data.map((snapshot) => (
                  <Table.Tr key={snapshot.key}>
                    <Table.Td className="wrap-anywhere">
                      <Anchor component={Link} to={`/dashboard/snapshot/${snapshot.key}`} size="sm">
                        {snapshot.name}
                      </Anchor>
                    </Table.Td>
                    <Table.Td className="wide-only">{dayText(snapshot.created)}</Table.Td>
                    <Table.Td>
                      {neverExpires(snapshot.created, snapshot.expires) ? "Never" : dayText(snapshot.expires)}
                    </Table.Td>
                    <Table.Td ta="right">
                      <Tooltip label="Delete">
                        <ActionIcon
                          variant="subtle"
                          color="gray"
                          aria-label={`Delete ${snapshot.name}`}
                          onClick={() => setToDelete(snapshot)}
                        >
                          <IconTrash size={16} />
                        </ActionIcon>
                      </Tooltip>
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Table.ScrollContainer>
        </Card>
      )}
      {toDelete !== undefined && (
        <ConfirmModal
          title="Delete this snapshot?"
          action="Delete"
          onConfirm={() => remove.mutate(toDelete.key)}
          onClose={() => setToDelete(undefined)}
        >
          “{toDelete.name}” cannot be opened any more afterwards.
        </ConfirmModal>
      )}
    </>
  );
}
