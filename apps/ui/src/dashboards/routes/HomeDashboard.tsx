import "../styles/mantine.css";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { LoadingMessage } from "../../shell/StatusMessage.tsx";
import { fetchSources } from "../data/dashboard-api.ts";
import { OpenDashboard } from "../page/OpenDashboard.tsx";
import { OpeningFailure } from "./OpeningFailure.tsx";
import { readOpening } from "./opening-dashboard.ts";
import { openingRetry } from "./opening-retry.ts";

/**
 * The home dashboard that is set in the server's configuration. The dashboard is a file, so the user cannot save
 * changes.
 */
export default function HomeDashboard({ dashboard: json, tools }: { dashboard: unknown; tools: ReactNode }) {
  const { data, failureReason } = useQuery({
    ...openingRetry,
    queryKey: ["home dashboard", "read", json],
    queryFn: async ({ signal }) => readOpening(json, await fetchSources(signal)),
    staleTime: Infinity,
  });
  if (data === undefined && failureReason !== null) return <OpeningFailure error={failureReason} />;
  if (data === undefined) return <LoadingMessage />;
  return (
    <OpenDashboard dashboard={data.dashboard} meta={NO_RIGHTS} sources={data.sources} tools={tools} findings={data} />
  );
}

const NO_RIGHTS = {};
