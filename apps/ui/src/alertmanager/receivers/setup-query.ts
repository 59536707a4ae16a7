import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { receiversQuery } from "../../api/alertmanager.ts";
import { receiverSetup, type ReceiverSetup } from "../../api/receiver-setup.ts";
import { useViewerOfStack, type Viewer } from "../../shell/viewer.ts";

const setupQuery = queryOptions({
  queryKey: ["receiver setup"],
  queryFn: ({ signal }) => receiverSetup.get(signal),
  retry: false,
  staleTime: 0,
});

/**
 * Returns whether the page may request the receivers of the configuration file. The request waits until the user is
 * known, because the dashboards refuse it for others than administrators.
 */
export const mayRequestSetup = (viewer: Pick<Viewer, "isOrgAdmin"> | null | undefined): boolean =>
  viewer === null || viewer?.isOrgAdmin === true;

/** Requests the receivers of the configuration file, if the user may know them. */
export const useSetup = () => useQuery({ ...setupQuery, enabled: mayRequestSetup(useViewerOfStack()) });

/**
 * Loads the file again.
 * @param onLoaded called with the new state
 */
export function useReloadSetup(onLoaded: (setup: ReceiverSetup) => void) {
  const client = useQueryClient();
  return useMutation({ mutationFn: () => client.fetchQuery(setupQuery), onSuccess: onLoaded });
}

/**
 * Changes the file. The input of the mutation is the request, whose answer is the new state. The lists of receivers are
 * loaded again.
 */
export function useSetupChange(onDone: () => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (send: () => Promise<ReceiverSetup>) => send(),
    onSuccess: async (setup) => {
      client.setQueryData(setupQuery.queryKey, setup);
      await client.invalidateQueries({ queryKey: receiversQuery.queryKey });
      onDone();
    },
  });
}
