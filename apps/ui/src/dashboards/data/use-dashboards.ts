import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { showNotification } from "../../shell/Notifications.tsx";
import { errorSentence } from "../../shell/StatusMessage.tsx";
import { type SearchHit, searchDashboards, starDashboard } from "./dashboard-api.ts";
import { dashboardsKey } from "./dashboard-queries.ts";

/** Maximum number of results. If the server returns fewer, the list is complete and the browser searches in it. */
const MAX_HITS = 5000;
const KEY = [...dashboardsKey, "list"];

/**
 * Returns the dashboards and folders that match a text. The whole list is requested once, and the browser searches in
 * the list. If the server has more than `MAX_HITS`, each search text is sent to the server.
 */
export function useDashboards(text: string) {
  const all = useQuery({ queryKey: [...KEY, ""], queryFn: ({ signal }) => searchDashboards("", [], signal) });
  const isCut = (all.data?.length ?? 0) >= MAX_HITS;
  const found = useQuery({
    queryKey: [...KEY, text],
    queryFn: ({ signal }) => searchDashboards(text, [], signal),
    enabled: isCut && text !== "",
    placeholderData: keepPreviousData,
  });
  return isCut && text !== "" ? found : all;
}

/**
 * Returns a function that toggles the star of a dashboard. Lists change immediately, and change back if the server
 * refuses.
 */
export function useStars(): (hit: SearchHit) => void {
  const client = useQueryClient();
  const show = (uid: string, isStarred: boolean): void => {
    client.setQueriesData<readonly SearchHit[]>({ queryKey: KEY }, (hits) =>
      hits?.map((hit) => (hit.uid === uid ? { ...hit, isStarred } : hit)),
    );
  };
  const { mutate } = useMutation({
    mutationFn: ({ uid, isStarred }: SearchHit) => starDashboard(uid, !isStarred),
    onMutate: ({ uid, isStarred }) => show(uid, !isStarred),
    onError: (error, { uid, isStarred, title }) => {
      show(uid, isStarred);
      showNotification({
        color: "red",
        title: `The star of "${title}" could not be changed`,
        message: errorSentence(error),
      });
    },
  });
  return mutate;
}
