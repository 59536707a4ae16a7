import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { Answer } from "../api/request.ts";
import { formatInstant } from "../format/instant.ts";
import { ErrorMessage, LoadingMessage } from "./StatusMessage.tsx";
import { useTimeZone } from "./time-zone.ts";

/** Shows data from the server when it is loaded, otherwise a loading state or the server's error message. */
export function Loaded<T>({
  result,
  label,
  children,
}: {
  result: UseQueryResult<Answer<T>>;
  label: string;
  children: (data: T) => ReactNode;
}) {
  const zone = useTimeZone();
  const retry = () => void result.refetch();
  if (result.data === undefined) {
    if (result.isError) return <ErrorMessage error={result.error} onRetry={retry} />;
    return <LoadingMessage label={label} />;
  }
  return (
    <>
      {result.isError && (
        <ErrorMessage
          error={result.error}
          title={`Refresh failed: this is data from ${formatInstant(result.dataUpdatedAt, zone)}`}
          onRetry={retry}
        />
      )}
      {children(result.data.data)}
    </>
  );
}
