import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { showNotification } from "../../shell/Notifications.tsx";
import { errorSentence } from "../../shell/StatusMessage.tsx";
import { type SearchHit, searchDashboards, starDashboard } from "../page/dashboard-api.ts";

/** Hits that the role gives at most; with fewer the browser has them all and searches by itself. */
const MOST_HITS = 5000;
const KEY = ["dashboards", "list"];

/**
 * The dashboards and folders of the role. They are asked for once and searched here, unless there are more than it gives at once:
 * then it is asked for each text.
 */
export function useDashboards(text: string) {
  const all = useQuery({ queryKey: [...KEY, ""], queryFn: ({ signal }) => searchDashboards("", [], signal) });
  const isCut = (all.data?.length ?? 0) >= MOST_HITS;
  const found = useQuery({
    queryKey: [...KEY, text],
    queryFn: ({ signal }) => searchDashboards(text, [], signal),
    enabled: isCut && text !== "",
    placeholderData: keepPreviousData,
  });
  return isCut && text !== "" ? found : all;
}

/** Switches the star of a dashboard; the lists show it at once, and take it back where the role refuses. */
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
