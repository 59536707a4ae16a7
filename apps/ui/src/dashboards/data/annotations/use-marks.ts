import { skipToken, useQueries } from "@tanstack/react-query";
import type { ResolvedTimeRange } from "@narthex/dashboards";
import { useEffect, useId, useRef, useState } from "react";
import { errorSentence } from "../../../shell/StatusMessage.tsx";
import type { AnnotationRequest, MarkAnswer } from "./annotation-request.ts";

/** The marks of one annotation query. */
export interface AnnotationData extends MarkAnswer {
  readonly isLoading: boolean;
  readonly error: string | undefined;
}

/** A request for annotations, alerts or silences, under a name that is unique for the caller. */
export interface NamedRequest {
  readonly name: string;
  /** The request; a text is an error message. Undefined if no data is needed. */
  readonly request: AnnotationRequest | string | undefined;
}

interface MarksInput {
  /** Prefix of the cache keys of the requests. */
  readonly key: string;
  readonly requests: readonly NamedRequest[];
  /** False while the values of variables are loading. The data of the previous requests stays until then. */
  readonly isReady: boolean;
  readonly range: ResolvedTimeRange;
  /** Time of the last refresh, epoch ms. */
  readonly now: number;
}

interface KeptMarks extends MarkAnswer {
  readonly error: string | undefined;
  /** Identifies the time range and the refresh for which the data was requested. */
  readonly moment: string;
}

/**
 * Returns the annotations, alerts or silences that several requests return. If the time range changes or a refresh is
 * due, the next request waits until the running one has ended. A request with another key aborts the running one. Old
 * data stays until new data has arrived.
 */
export function useMarks({ key, requests: wanted, isReady, range, now }: MarksInput): MarksOfName {
  const [before, setBefore] = useState(wanted);
  if (isReady && before !== wanted) setBefore(wanted);
  const requests = isReady ? wanted : before;
  // The id is part of the cache key, so that two pages with different time ranges do not replace each other's data.
  const id = useId();
  const moment = [range.from, range.to, now].join(" ");
  const kept = useRef(new Map<string, KeptMarks>());
  const results = useQueries({
    queries: requests.map(({ name, request }) => ({
      queryKey: [key, id, name, typeof request === "object" ? request.key : null],
      queryFn:
        typeof request !== "object"
          ? skipToken
          : async ({ signal }: { signal: AbortSignal }): Promise<KeptMarks> => {
              try {
                return { ...(await request.run(range, signal)), moment, error: undefined };
              } catch (error) {
                return { marks: kept.current.get(name)?.marks ?? [], moment, error: errorSentence(error) };
              }
            },
      placeholderData: () => kept.current.get(name),
      staleTime: Infinity,
      structuralSharing: false,
    })),
  });
  useEffect(() => {
    for (const [at, { data, isFetching, refetch }] of results.entries()) {
      const { name, request } = requests[at]!;
      if (data === undefined || typeof request !== "object") continue;
      kept.current.set(name, data);
      if (isReady && !isFetching && data.moment !== moment) void refetch({ cancelRefetch: false });
    }
  });
  const marks = new Map<string, AnnotationData>();
  for (const [at, { data, isFetching }] of results.entries()) {
    const { name, request } = requests[at]!;
    if (typeof request === "string") marks.set(name, { ...none, error: request });
    else marks.set(name, { ...(data ?? none), isLoading: isFetching });
  }
  return (name) => marks.get(name) ?? none;
}

/** Returns the answer of the request with a name. */
type MarksOfName = (name: string) => AnnotationData;

const none: AnnotationData = { marks: [], isLoading: false, error: undefined };
