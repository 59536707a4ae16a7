import "../styles/mantine.css";
import { useQuery } from "@tanstack/react-query";
import { type ReadDashboard, readDashboard } from "@narthex/dashboards";
import { useEffect } from "react";
import { useParams } from "react-router";
import { EditableDashboard } from "../edit/EditableDashboard.tsx";
import { keepRecentDashboard } from "../list/recent-dashboards.ts";
import { ErrorMessage, LoadingMessage } from "../../shell/StatusMessage.tsx";
import { type DashboardMeta, fetchDashboard, fetchSources } from "./dashboard-api.ts";
import { OpenDashboard } from "./OpenDashboard.tsx";
import type { SourceListing } from "../query/ask-panel.ts";

interface Loaded extends ReadDashboard {
  readonly meta: DashboardMeta;
  readonly sources: readonly SourceListing[];
}

async function load(uid: string, signal: AbortSignal): Promise<Loaded> {
  const [stored, sources] = await Promise.all([fetchDashboard(uid, signal), fetchSources(signal)]);
  return { ...(await readDashboard(stored.dashboard, { sources })), meta: stored.meta, sources };
}

/** The dashboard that the address names, or another. @param solo the key of the only panel of it that is shown */
export default function DashboardPage({ solo, uid: given }: { solo?: string; uid?: string }) {
  const { uid: named = "" } = useParams();
  const uid = given ?? named;
  const { data, error } = useQuery({
    queryKey: ["dashboard", uid],
    queryFn: ({ signal }) => load(uid, signal),
    staleTime: Infinity,
  });
  const openedUid = data?.dashboard.uid;
  useEffect(() => {
    if (openedUid !== undefined) keepRecentDashboard(openedUid);
  }, [openedUid]);
  if (error !== null) return <ErrorMessage error={error} />;
  if (data === undefined) return <LoadingMessage />;
  const shown = { dashboard: data.dashboard, meta: data.meta, sources: data.sources };
  return solo === undefined ? (
    <EditableDashboard key={uid} {...shown} findings={data} />
  ) : (
    <OpenDashboard key={uid} {...shown} solo={solo} />
  );
}
