import { type QueryKey, useMutation, useQueryClient } from "@tanstack/react-query";
import { showNotification } from "../../../shell/Notifications.tsx";

/**
 * Returns a mutation that changes data on the server. Afterwards, also after an error, the queries with the given keys
 * are requested again, because a part of the change may have been made.
 * @param done text of the notification after a successful change; undefined for none
 */
export function useChange<T = void>(
  change: (value: T) => Promise<unknown>,
  keys: readonly QueryKey[],
  { done, after }: { readonly done?: string; readonly after?: (value: T) => void } = {},
) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSettled: () => Promise.all(keys.map((queryKey) => client.invalidateQueries({ queryKey }))),
    onSuccess: (_answer, value) => {
      if (done !== undefined) showNotification({ color: "fennel", message: done, autoClose: 4000 });
      after?.(value);
    },
  });
}
