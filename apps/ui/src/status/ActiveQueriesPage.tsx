import { Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { narthex } from "../api/narthex.ts";
import type { ActiveJob } from "../api/narthex.ts";
import { flagsQuery } from "../api/prometheus.ts";
import { ApiError } from "../api/request.ts";
import { humanizeDuration } from "../format/duration.ts";
import { formatBytes, formatCount } from "../format/si-number.ts";
import { Card } from "../shell/Card.tsx";
import { EditorButton } from "../shell/EditorButton.tsx";
import { Loaded } from "../shell/Loaded.tsx";
import { showNotification } from "../shell/Notifications.tsx";
import { PageHeader } from "../shell/PageHeader.tsx";
import { DataTable } from "../shell/DataTable.tsx";
import type { DataColumn } from "../shell/DataTable.tsx";
import { EmptyMessage, errorSentence } from "../shell/StatusMessage.tsx";
import { useRefreshedQuery } from "../time/refresh-context.ts";

const refreshMs = 2000;

async function cancel(id: string): Promise<void> {
  try {
    await narthex.cancelJob(id);
  } catch (error) {
    showNotification({ color: "red", title: "The query was not cancelled", message: errorSentence(error) });
  }
}

function CancelButton({ id, onCancelled }: { id: string; onCancelled: () => unknown }) {
  const [busy, setBusy] = useState(false);
  return (
    <EditorButton
      size="compact-xs"
      variant="default"
      loading={busy}
      onClick={() => {
        setBusy(true);
        void cancel(id).finally(() => {
          setBusy(false);
          onCancelled();
        });
      }}
    >
      Cancel
    </EditorButton>
  );
}

/** Returns who has sent a query: a client or a rule group. */
function requesterOf({ httpRequest, ruleGroup, principal }: ActiveJob): string {
  if (ruleGroup !== undefined) return `rule group ${ruleGroup.name}`;
  const client = httpRequest === undefined ? "" : `${httpRequest.clientIP} ${httpRequest.path}`;
  return principal === undefined ? client : `${principal}, ${client}`;
}

const columns: ReadonlyArray<DataColumn<ActiveJob>> = [
  { header: "Query", cell: ({ query }) => <code className="wrap-anywhere">{query}</code>, width: "36%" },
  { header: "Kind", cell: ({ kind, state }) => `${kind.replaceAll("_", " ")}, ${state}`, sortKey: ({ kind }) => kind },
  { header: "From", cell: requesterOf, sortKey: requesterOf, className: "wrap-anywhere" },
  {
    header: "Duration",
    cell: ({ duration }) => humanizeDuration(Math.round(duration * 1000)),
    sortKey: ({ duration }) => duration,
  },
  { header: "Samples read", cell: ({ samples }) => formatCount(samples), sortKey: ({ samples }) => samples },
  { header: "Memory", cell: ({ bytes }) => formatBytes(bytes), sortKey: ({ bytes }) => bytes },
  { header: "Thread", cell: ({ thread }) => thread ?? "–", sortKey: ({ thread }) => thread },
];

/** Returns the columns of the table. Users who may cancel queries get a column with buttons. */
function useColumns(canCancel: boolean, onCancelled: () => unknown): ReadonlyArray<DataColumn<ActiveJob>> {
  return useMemo(
    () =>
      canCancel
        ? [...columns, { header: "Action", cell: ({ id }) => <CancelButton id={id} onCancelled={onCancelled} /> }]
        : columns,
    [canCancel, onCancelled],
  );
}

/** Shows waiting and running queries, rule evaluations and series requests, with buttons to cancel them. */
export default function ActiveQueriesPage() {
  const result = useRefreshedQuery({
    queryKey: ["active-queries"],
    queryFn: ({ signal }) => narthex.activeJobs(signal),
    refetchInterval: refreshMs,
  });
  const { refetch } = result;
  const flags = useQuery({ ...flagsQuery, retry: false });
  // Only administrators may read the flags. The server refuses the cancellation if its API for it is off.
  const isUnknown = flags.error instanceof ApiError && flags.error.status === 403;
  const canCancel = isUnknown || flags.data?.data["web.enable-admin-api"] === "true";
  const shown = useColumns(canCancel, refetch);
  return (
    <>
      <PageHeader title="Active queries">updated every two seconds</PageHeader>
      <Loaded result={result} label="Loading active queries">
        {({ queries }) =>
          queries.length === 0 ? (
            <EmptyMessage title="Nothing is running">
              Queries that take a while, evaluations of rules, listings and federation are shown here while they wait or
              run.
            </EmptyMessage>
          ) : (
            <Card>
              <DataTable aria-label="Active queries" columns={shown} items={queries} keyOf={({ id }) => id} stacked />
            </Card>
          )
        }
      </Loaded>
      {flags.data !== undefined && !canCancel && (
        <Text size="xs" c="dimmed" mt="xs">
          Start the server with --web.enable-admin-api to cancel queries here.
        </Text>
      )}
    </>
  );
}
