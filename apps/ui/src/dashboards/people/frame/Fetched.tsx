import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { ApiError } from "../../../api/request.ts";
import { EmptyMessage, ErrorMessage, LoadingMessage } from "../../../shell/StatusMessage.tsx";

/** The fields of a TanStack Query result that `Fetched` reads. */
export type FetchedResult<T> = Pick<UseQueryResult<T>, "data" | "error" | "refetch">;

/**
 * Shows data when it is loaded. Until then, shows a loading state, or why the data cannot be shown.
 *
 * Read the three fields of the result in the component that calls `useQuery`. Otherwise a change of the error may not be
 * drawn, because TanStack Query observes only the fields of a result that were read.
 */
export function Fetched<T>({
  result: { data, error, refetch },
  label,
  children,
}: {
  result: FetchedResult<T>;
  /** Text of the loading state. */
  label: string;
  children: (data: T) => ReactNode;
}) {
  if (error instanceof ApiError && (error.status === 401 || error.status === 403))
    return <EmptyMessage title="You may not see this">{error.message}</EmptyMessage>;
  const failure = error !== null && <ErrorMessage error={error} onRetry={() => void refetch()} />;
  if (data === undefined) return failure === false ? <LoadingMessage label={label} /> : failure;
  return (
    <>
      {failure}
      {children(data)}
    </>
  );
}
