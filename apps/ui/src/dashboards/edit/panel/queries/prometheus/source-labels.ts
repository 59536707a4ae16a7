import { useQuery } from "@tanstack/react-query";
import { call } from "../../../../../api/request.ts";
import { proxyUrl } from "../../../../data/source-proxy.ts";

const none: readonly string[] = [];
const FRESH_MS = 60_000;

/** Maximum number of names that are requested for a list. A longer list would not be readable. */
const MOST = 40_000;

/**
 * Requests metric names, label names or label values from a data source. Returns an empty list without a data source,
 * while the request runs, and after an error.
 */
function useNames(uid: string | undefined, path: string, selector: string | undefined): readonly string[] {
  const { data } = useQuery({
    queryKey: ["source-names", uid, path, selector],
    queryFn: ({ signal }) =>
      call<readonly string[]>(`${proxyUrl(uid!)}/api/v1/${path}`, {
        signal,
        params: { limit: MOST, "match[]": selector === undefined ? undefined : [selector] },
      }),
    enabled: uid !== undefined,
    staleTime: FRESH_MS,
    retry: false,
  });
  return data?.data ?? none;
}

export const useMetricNames = (uid: string | undefined): readonly string[] =>
  useNames(uid, "label/__name__/values", undefined);

export const useLabelNames = (uid: string | undefined, selector: string | undefined): readonly string[] =>
  useNames(uid, "labels", selector);

export const useLabelValues = (
  uid: string | undefined,
  label: string,
  selector: string | undefined,
): readonly string[] => useNames(label === "" ? undefined : uid, `label/${encodeURIComponent(label)}/values`, selector);
