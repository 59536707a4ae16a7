import { skipToken, useQueries } from "@tanstack/react-query";
import type { ResolvedTimeRange } from "@narthex/dashboards";
import { useEffect, useId, useRef } from "react";
import { errorSentence } from "../../../shell/StatusMessage.tsx";
import type { AnnotationRequest, MarkAnswer } from "./annotation-request.ts";

/** The marks of one annotation query. */
export interface AnnotationData extends MarkAnswer {
  readonly isLoading: boolean;
  readonly error: string | undefined;
}

interface KeptMarks extends MarkAnswer {
  readonly error: string | undefined;
  /** The range and the refresh for which the marks were requested. */
  readonly moment: string;
}

/**
 * Returns the marks of several requests. If the time range changes or a refresh is due, the next request waits until the
 * running one has ended. A request with another key aborts the running one. Old marks stay until newer ones have
 * arrived.
 * @param key first part of the keys of the requests
 * @param requests for each: the request, the message of an error, or undefined if no marks are needed
 * @param now time of the last refresh, epoch ms
 */
export function useMarks(
  key: string,
  requests: readonly (AnnotationRequest | string | undefined)[],
  range: ResolvedTimeRange,
  now: number,
): readonly AnnotationData[] {
  // Two pages with different ranges must not replace the marks of each other.
  const id = useId();
  const moment = [range.from, range.to, now].join(" ");
  const kept = useRef<KeptMarks[]>([]);
  const results = useQueries({
    queries: requests.map((request, at) => ({
      queryKey: [key, id, at, typeof request === "object" ? request.key : null],
      queryFn:
        typeof request !== "object"
          ? skipToken
          : async ({ signal }: { signal: AbortSignal }): Promise<KeptMarks> => {
              try {
                return { ...(await request.run(range, signal)), moment, error: undefined };
              } catch (error) {
                return { marks: kept.current[at]?.marks ?? [], moment, error: errorSentence(error) };
              }
            },
      placeholderData: () => kept.current[at],
      staleTime: Infinity,
      structuralSharing: false,
    })),
  });
  useEffect(() => {
    for (const [at, { data, isFetching, refetch }] of results.entries()) {
      if (data === undefined || typeof requests[at] !== "object") continue;
      kept.current[at] = data;
      if (!isFetching && data.moment !== moment) void refetch({ cancelRefetch: false });
    }
  });
  return results.map(({ data, isFetching }, at) => {
    const request = requests[at];
    if (typeof request === "string") return { marks: none, isLoading: false, error: request };
    return { ...(data ?? { marks: none, error: undefined }), isLoading: isFetching };
  });
}

const none: MarkAnswer["marks"] = [];
