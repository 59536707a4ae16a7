import "../styles/mantine.css";
import { ActionIcon, Button, Group, Table, Text, Tooltip } from "@mantine/core";
import { IconEdit, IconPlayerPlay, IconPlus, IconTrash } from "@tabler/icons-react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";
import { Card } from "../../shell/Card.tsx";
import { ConfirmModal } from "../../shell/ConfirmModal.tsx";
import { PageHeader } from "../../shell/PageHeader.tsx";
import { EmptyMessage, ErrorMessage, LoadingMessage } from "../../shell/StatusMessage.tsx";
import { deletePlaylist, fetchPlaylists, type Playlist, playlistsKey } from "./playlist-api.ts";

type Listed = Omit<Playlist, "items">;

export default function PlaylistListPage() {
  const { data, error, isPending, refetch } = useQuery({
    queryKey: playlistsKey,
    queryFn: ({ signal }) => fetchPlaylists(signal),
  });
  const client = useQueryClient();
  const remove = useMutation({
    mutationFn: deletePlaylist,
    onSettled: () => client.invalidateQueries({ queryKey: playlistsKey }),
  });
  const [toDelete, setToDelete] = useState<Listed>();
  return (
    <>
      <PageHeader
        title="Playlists"
        toolbar={
          <Button component={Link} to="/playlists/new" size="xs" leftSection={<IconPlus size={15} aria-hidden />}>
            New playlist
          </Button>
        }
      />
      {error !== null && <ErrorMessage error={error} onRetry={() => void refetch()} />}
      {remove.error !== null && <ErrorMessage error={remove.error} />}
      {isPending && <LoadingMessage label="Loading playlists" />}
      {data?.length === 0 && (
        <EmptyMessage title="No playlists yet">
          A playlist shows dashboards one after the other, for example on a wall screen.
        </EmptyMessage>
      )}
      {data !== undefined && data.length > 0 && (
        <Card>
          <Table>
            <Table.Tbody>
              {data.map((playlist) => (
                <PlaylistRow key={playlist.uid} playlist={playlist} onDelete={() => setToDelete(playlist)} />
              ))}
            </Table.Tbody>
          </Table>
        </Card>
      )}
      {toDelete !== undefined && (
        <ConfirmModal
          title="Delete this playlist?"
          action="Delete"
          onConfirm={() => remove.mutate(toDelete.uid)}
          onClose={() => setToDelete(undefined)}
        >
          “{toDelete.name}” is removed; its dashboards stay.
        </ConfirmModal>
      )}
    </>
  );
}

function PlaylistRow({ playlist: { uid, name, interval }, onDelete }: { playlist: Listed; onDelete: () => void }) {
  const at = encodeURIComponent(uid);
  return (
    <Table.Tr>
      <Table.Td className="wrap-anywhere">
        {name}{" "}
        <Text span size="xs" c="dimmed">
          every {interval}
        </Text>
      </Table.Td>
      <Table.Td>
        <Group gap={6} justify="flex-end" wrap="nowrap">
          <Button
            component={Link}
            to={`/playlists/play/${at}?kiosk=true`}
            size="xs"
            variant="light"
            leftSection={<IconPlayerPlay size={15} aria-hidden />}
            aria-label={`Start ${name}`}
          >
            Start
          </Button>
          <Tooltip label="Edit">
            <ActionIcon
              component={Link}
              to={`/playlists/edit/${at}`}
              variant="subtle"
              color="gray"
              aria-label={`Edit ${name}`}
            >
              <IconEdit size={16} />
            </ActionIcon>
          </Tooltip>
          <Tooltip label="Delete">
            <ActionIcon variant="subtle" color="gray" aria-label={`Delete ${name}`} onClick={onDelete}>
              <IconTrash size={16} />
            </ActionIcon>
          </Tooltip>
        </Group>
      </Table.Td>
    </Table.Tr>
  );
}
