import { Text } from "@mantine/core";
import { type QueryKey, type UseQueryResult, useQueryClient } from "@tanstack/react-query";
import { useDataSource } from "../datasource/data-source-context.ts";
import { formatInstant } from "../format/instant.ts";
import { useTimeZone } from "../shell/time-zone.ts";
import { WaitingSince } from "../shell/WaitingSince.tsx";

/**
 * Says for how long a run of a query has been awaited. If the last run failed, says from when the older result of the
 * same query is.
 */
export function RunState({
  result: { isFetching, isError, data, dataUpdatedAt },
  queryKey,
}: {
  result: Pick<UseQueryResult, "isFetching" | "isError" | "data" | "dataUpdatedAt">;
  /** Query key of the panel, with which the run is cancelled. */
  queryKey: QueryKey;
}) {
  const { name } = useDataSource();
  const client = useQueryClient();
  const zone = useTimeZone();
  return (
    <>
      {isFetching && <WaitingSince name={name} onCancel={() => void client.cancelQueries({ queryKey })} />}
      {isError && data !== undefined && (
        <Text size="sm" c="dimmed">
          The result below is from the last run that succeeded, at {formatInstant(dataUpdatedAt, zone)}.
        </Text>
      )}
    </>
  );
}
