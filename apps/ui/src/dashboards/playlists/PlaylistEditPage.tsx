import "../styles/mantine.css";
import { ActionIcon, Button, Group, Select, Stack, Table, Text, TextInput } from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconTrash } from "@tabler/icons-react";
import { parseInterval } from "@narthex/dashboards";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { ReactNode } from "react";
import { Link, useNavigate, useParams } from "react-router";
import { PageHeader } from "../../shell/PageHeader.tsx";
import { ErrorMessage, LoadingMessage } from "../../shell/StatusMessage.tsx";
import { useDashboards } from "../data/use-dashboards.ts";
import type { SearchHit } from "../data/dashboard-api.ts";
import { fetchPlaylist, type PlaylistDraft, type PlaylistItem, savePlaylist, playlistsKey } from "./playlist-api.ts";

/** Maximum number of suggestions in a list. The user finds other items by typing. */
const MAX_OFFERED = 100;

const empty: PlaylistDraft = { name: "", interval: "5m", items: [] };

/** Page that creates a playlist, or edits the playlist in the page's address. */
export default function PlaylistEditPage() {
  const { uid } = useParams();
  const { data, error } = useQuery({
    queryKey: ["playlist", uid],
    queryFn: ({ signal }) => (uid === undefined ? Promise.resolve(empty) : fetchPlaylist(uid, signal)),
    gcTime: 0,
  });
  if (error !== null) return <ErrorMessage error={error} />;
  if (data === undefined) return <LoadingMessage />;
  return <PlaylistForm key={uid} uid={uid} saved={data} />;
}

function PlaylistForm({ uid, saved }: { uid: string | undefined; saved: PlaylistDraft }) {
  const [{ name, interval, items }, setDraft] = useState(saved);
  const { data: hits = [] } = useDashboards("");
  const navigate = useNavigate();
  const client = useQueryClient();
  const save = useMutation({
    mutationFn: () => savePlaylist(uid, { name, interval, items }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: playlistsKey });
      await navigate("/playlists");
    },
  });
  const change = (part: Partial<PlaylistDraft>): void => setDraft((before) => ({ ...before, ...part }));
  const isSound = (parseInterval(interval) ?? 0) >= 1000;
  return (
    <>
      <PageHeader title={uid === undefined ? "New playlist" : "Edit playlist"} />
      <Stack gap="md" maw={720}>
        <TextInput
          label="Name"
          required
          value={name}
          onChange={({ currentTarget }) => change({ name: currentTarget.value })}
        />
        <TextInput
          label="Interval"
          description="How long each dashboard is shown: 30s, 5m"
          value={interval}
          error={isSound ? undefined : "Write a duration of at least one second, such as 30s or 5m"}
          onChange={({ currentTarget }) => change({ interval: currentTarget.value })}
        />
        <Items items={items} hits={hits} onChange={(next) => change({ items: next })} />
        <AddItem hits={hits} onAdd={(item) => change({ items: [...items, item] })} />
        {save.error !== null && <ErrorMessage error={save.error} />}
        <Group gap="sm">
          <Button
            loading={save.isPending}
            disabled={name.trim() === "" || !isSound || items.length === 0}
            onClick={() => save.mutate()}
          >
            Save
          </Button>
          <Button variant="default" component={Link} to="/playlists">
            Cancel
          </Button>
        </Group>
      </Stack>
    </>
  );
}

/** Returns the text for a playlist entry: the current title of a dashboard, or a tag. */
function itemName({ type, value, title }: PlaylistItem, hits: readonly SearchHit[]): string {
  if (type === "dashboard_by_tag") return `All with the tag “${value}”`;
  return hits.find(({ uid }) => uid === value)?.title ?? (title === "" ? value : title);
}

function Items(props: {
  items: readonly PlaylistItem[];
  hits: readonly SearchHit[];
  onChange: (items: readonly PlaylistItem[]) => void;
}) {
  const { items, hits, onChange } = props;
  if (items.length === 0)
    return (
      <Text size="sm" c="dimmed">
        Add dashboards below; they are shown in this order.
      </Text>
    );
  const swap = (at: number, other: number): void => {
    const next = [...items];
    [next[at], next[other]] = [items[other]!, items[at]!];
    onChange(next);
  };
  return (
    <Table aria-label="Dashboards of the playlist">
      <Table.Tbody>
        {items.map((item, at) => {
          const name = itemName(item, hits);
          return (
            <Table.Tr key={`${at} ${item.value}`}>
              <Table.Td className="wrap-anywhere">{name}</Table.Td>
              <Table.Td>
                <Group gap={4} justify="flex-end" wrap="nowrap">
                  <Step label={`Move ${name} up`} isOff={at === 0} onClick={() => swap(at, at - 1)}>
                    <IconArrowUp size={16} />
                  </Step>
                  <Step label={`Move ${name} down`} isOff={at === items.length - 1} onClick={() => swap(at, at + 1)}>
                    <IconArrowDown size={16} />
                  </Step>
                  <Step label={`Remove ${name}`} onClick={() => onChange(items.filter((_, other) => other !== at))}>
                    <IconTrash size={16} />
                  </Step>
                </Group>
              </Table.Td>
            </Table.Tr>
          );
        })}
      </Table.Tbody>
    </Table>
  );
}

function Step(props: { label: string; isOff?: boolean; onClick: () => void; children: ReactNode }) {
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      aria-label={props.label}
      disabled={props.isOff === true}
      onClick={props.onClick}
    >
      {props.children}
    </ActionIcon>
  );
}

function AddItem({ hits, onAdd }: { hits: readonly SearchHit[]; onAdd: (item: PlaylistItem) => void }) {
  const dashboards = hits.filter(({ type }) => type === "dash-db");
  const tags = [...new Set(dashboards.flatMap((hit) => hit.tags))].toSorted((a, b) => a.localeCompare(b));
  return (
    <Group grow align="flex-end">
      <Adder
        label="Add a dashboard"
        nothingFound="No dashboard has this name"
        options={dashboards.map(({ uid, title }) => ({ value: uid, label: title }))}
        onAdd={({ value, label }) => onAdd({ type: "dashboard_by_uid", value, title: label })}
      />
      <Adder
        label="Add all with a tag"
        nothingFound="No such tag"
        options={tags.map((tag) => ({ value: tag, label: tag }))}
        onAdd={({ value }) => onAdd({ type: "dashboard_by_tag", value, title: value })}
      />
    </Group>
  );
}

interface Option {
  readonly value: string;
  readonly label: string;
}

/** A select list that adds the selected item to the playlist, and then clears its selection. */
function Adder(props: {
  readonly label: string;
  readonly nothingFound: string;
  readonly options: readonly Option[];
  readonly onAdd: (option: Option) => void;
}) {
  const { label, nothingFound, options, onAdd } = props;
  const [search, setSearch] = useState("");
  return (
    <Select
      label={label}
      placeholder="Choose…"
      searchable
      limit={MAX_OFFERED}
      nothingFoundMessage={nothingFound}
      value={null}
      searchValue={search}
      onSearchChange={setSearch}
      data={options}
      onChange={(value) => {
        setSearch("");
        const chosen = options.find((option) => option.value === value);
        if (chosen !== undefined) onAdd(chosen);
      }}
    />
  );
}
