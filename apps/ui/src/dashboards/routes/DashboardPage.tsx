import "../styles/mantine.css";
import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { Navigate, useParams, useSearchParams } from "react-router";
import { EditableDashboard } from "../edit/EditableDashboard.tsx";
import { storeRecentDashboard } from "../data/recent-dashboards.ts";
import { LoadingMessage } from "../../shell/StatusMessage.tsx";
import { type DashboardMeta, fetchDashboard, fetchSources } from "../data/dashboard-api.ts";
import { OpenDashboard } from "../page/OpenDashboard.tsx";
import { OpeningFailure } from "./OpeningFailure.tsx";
import { type OpeningDashboard, readOpening } from "./opening-dashboard.ts";
import { openingRetry } from "./opening-retry.ts";
import { dashboardKey } from "../data/dashboard-queries.ts";

interface Loaded extends OpeningDashboard {
  readonly meta: DashboardMeta;
}

async function load(uid: string, signal: AbortSignal): Promise<Loaded> {
  const [stored, sources] = await Promise.all([fetchDashboard(uid, signal), fetchSources(signal)]);
  return { ...(await readOpening(stored.dashboard, sources)), meta: stored.meta };
}

/**
 * Page that shows the dashboard whose uid is in the address or in `uid`.
 * @param solo key of the only panel that is shown
 */
export default function DashboardPage({ solo, uid: given }: { solo?: string; uid?: string }) {
  const { uid: named = "", slug = "x" } = useParams();
  const uid = given ?? named;
  const [params] = useSearchParams();
  const { data, failureReason } = useQuery({
    ...openingRetry,
    queryKey: dashboardKey(uid),
    queryFn: ({ signal }) => load(uid, signal),
    staleTime: Infinity,
  });
  const openedUid = data?.dashboard.uid;
  useEffect(() => {
    if (openedUid !== undefined) storeRecentDashboard(openedUid);
  }, [openedUid]);
  // Redirects Grafana's address of the page for permissions.
  if (solo === undefined && params.get("editview") === "permissions")
    return <Navigate replace to={`/d/${encodeURIComponent(uid)}/${encodeURIComponent(slug)}/permissions`} />;
  if (data === undefined && failureReason !== null) return <OpeningFailure error={failureReason} />;
  if (data === undefined) return <LoadingMessage />;
  const shown = { dashboard: data.dashboard, meta: data.meta, sources: data.sources };
  return solo === undefined ? (
    <EditableDashboard key={uid} {...shown} findings={data} />
  ) : (
    <OpenDashboard key={uid} {...shown} solo={solo} />
  );
}
