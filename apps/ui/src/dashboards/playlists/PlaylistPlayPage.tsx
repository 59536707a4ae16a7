import "../styles/mantine.css";
import { ActionIcon, Group, Text, Tooltip } from "@mantine/core";
import {
  IconPlayerPause,
  IconPlayerPlay,
  IconPlayerSkipBack,
  IconPlayerSkipForward,
  IconPlayerStop,
} from "@tabler/icons-react";
import { parseInterval } from "@narthex/dashboards";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { ReactNode } from "react";
import { Link, useParams, useSearchParams } from "react-router";
import { EmptyMessage, ErrorMessage, LoadingMessage } from "../../shell/StatusMessage.tsx";
import { classesOf } from "../../shell/style-sheet.ts";
import { useAutoRefresh } from "../../time-controls/auto-refresh.ts";
import DashboardPage from "../routes/DashboardPage.tsx";
import { EditingListenerContext } from "../page/editing-listener.ts";
import { type SearchHit, searchDashboards } from "../data/dashboard-api.ts";
import { dashboardsOf, fetchPlaylist, type Playlist } from "./playlist-api.ts";
import styles from "./PlaylistPlayPage.module.css";

const css = classesOf(styles);

const USUAL_MS = 300_000;

export default function PlaylistPlayPage() {
  const { uid = "" } = useParams();
  const { data, error } = useQuery({
    queryKey: ["played", uid],
    queryFn: async ({ signal }) => {
      const [playlist, hits] = await Promise.all([fetchPlaylist(uid, signal), searchDashboards("", [], signal)]);
      return { playlist, dashboards: dashboardsOf(playlist.items, hits) };
    },
    staleTime: Infinity,
  });
  if (error !== null) return <ErrorMessage error={error} />;
  if (data === undefined) return <LoadingMessage />;
  if (data.dashboards.length === 0)
    return (
      <EmptyMessage title={`“${data.playlist.name}” has no dashboards`}>
        Add dashboards or a tag, and start the playlist again.
      </EmptyMessage>
    );
  return <Player playlist={data.playlist} dashboards={data.dashboards} />;
}

function Player({ playlist, dashboards }: { playlist: Playlist; dashboards: readonly SearchHit[] }) {
  const [at, setAt] = useState(0);
  const [isPaused, setPaused] = useState(false);
  const [isEdited, setEdited] = useState(false);
  const [params, setParams] = useSearchParams();
  const go = (by: number): void => {
    setAt((before) => (before + by + dashboards.length) % dashboards.length);
    // Only the parameter `kiosk` is kept, because the other URL parameters belong to the previous dashboard.
    const kiosk = params.get("kiosk");
    setParams(kiosk === null ? {} : { kiosk }, { replace: true });
  };
  useAutoRefresh(isPaused || isEdited ? null : (parseInterval(playlist.interval) ?? USUAL_MS), () => go(1));
  const shown = dashboards[at]!;
  return (
    <>
      <EditingListenerContext value={setEdited}>
        <DashboardPage key={`${at} ${shown.uid}`} uid={shown.uid} />
      </EditingListenerContext>
      <Group className={css("controls")} gap={4} role="group" aria-label={`Playlist ${playlist.name}`}>
        <Control label="Previous dashboard" icon={<IconPlayerSkipBack size={17} />} onClick={() => go(-1)} />
        <Control
          label={isPaused ? "Go on" : "Pause"}
          icon={isPaused ? <IconPlayerPlay size={17} /> : <IconPlayerPause size={17} />}
          onClick={() => setPaused(!isPaused)}
        />
        <Control label="Next dashboard" icon={<IconPlayerSkipForward size={17} />} onClick={() => go(1)} />
        <Tooltip label="Stop">
          <ActionIcon component={Link} to="/playlists" variant="subtle" color="gray" aria-label="Stop the playlist">
            <IconPlayerStop size={17} />
          </ActionIcon>
        </Tooltip>
        <Text size="xs" c="dimmed" role="status" px={6}>
          {at + 1} of {dashboards.length}
          {isEdited && ", paused while the dashboard is edited"}
        </Text>
      </Group>
    </>
  );
}

function Control({ label, icon, onClick }: { label: string; icon: ReactNode; onClick: () => void }) {
  return (
    <Tooltip label={label}>
      <ActionIcon variant="subtle" color="gray" aria-label={label} onClick={onClick}>
        {icon}
      </ActionIcon>
    </Tooltip>
  );
}
