import { useQuery } from "@tanstack/react-query";
import { call } from "../../../../../api/request.ts";
import { proxyUrl } from "../../../../query/source-proxy.ts";

const none: readonly string[] = [];
const FRESH_MS = 60_000;

/** The most names that a list holds; more of them nobody looks through. */
const MOST = 40_000;

/** A call to a source for names; none where there is no source, while they are on their way, or where they cannot be had. */
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

/** The names of the metrics of a source. */
export const useMetricNames = (uid: string | undefined): readonly string[] =>
  useNames(uid, "label/__name__/values", undefined);

/** The names of the labels that series of a selector have. */
export const useLabelNames = (uid: string | undefined, selector: string | undefined): readonly string[] =>
  useNames(uid, "labels", selector);

/** The values that a label of series of a selector has. */
export const useLabelValues = (
  uid: string | undefined,
  label: string,
  selector: string | undefined,
): readonly string[] => useNames(label === "" ? undefined : uid, `label/${encodeURIComponent(label)}/values`, selector);
