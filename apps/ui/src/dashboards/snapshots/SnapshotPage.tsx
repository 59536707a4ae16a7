import "../styles/mantine.css";
import { Text } from "@mantine/core";
import { readDashboard } from "@narthex/dashboards";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "react-router";
import { ErrorMessage, LoadingMessage } from "../../shell/StatusMessage.tsx";
import { OpenDashboard } from "../page/OpenDashboard.tsx";
import { fetchSnapshot } from "../share/snapshot-api.ts";
import { dayText, neverExpires } from "./snapshot-times.ts";

export default function SnapshotPage() {
  const { key = "" } = useParams();
  const { data, error } = useQuery({
    queryKey: ["snapshot", key],
    queryFn: async ({ signal }) => {
      const { dashboard, meta } = await fetchSnapshot(key, signal);
      return { ...(await readDashboard(dashboard, { sources: [] })), meta };
    },
    staleTime: Infinity,
  });
  if (error !== null) return <ErrorMessage error={error} />;
  if (data === undefined) return <LoadingMessage />;
  const { created, expires } = data.meta;
  return (
    <>
      <Text size="sm" c="dimmed" mb={6}>
        Snapshot of {dayText(created)}
        {neverExpires(created, expires) ? "" : `, kept until ${dayText(expires)}`}
      </Text>
      <OpenDashboard key={key} dashboard={data.dashboard} meta={{}} sources={NO_SOURCES} />
    </>
  );
}

const NO_SOURCES = [] as const;
