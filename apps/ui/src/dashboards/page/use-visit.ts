import { type Dashboard, unknownVisit, variableNamesIn, type Visit } from "@narthex/dashboards";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useLocation } from "react-router";
import { ApiError } from "../../api/request.ts";
import { fetchOrg, fetchUser } from "../data/dashboard-api.ts";

/** Returns the response, or `otherwise` if the server refuses the request because no user is signed in. */
const unlessRefused = async <T>(response: Promise<T>, otherwise: T): Promise<T> => {
  try {
    return await response;
  } catch (error) {
    if (error instanceof ApiError && (error.status === 401 || error.status === 403)) return otherwise;
    throw error;
  }
};

/**
 * Returns the user, the organisation and the address for the variables `__user`, `__org` and `__url`. The user and the
 * organisation are requested only if a text of the dashboard contains their variables.
 */
export function useVisit(dashboard: Dashboard): Visit {
  const { pathname, search } = useLocation();
  const names = useMemo(() => variableNamesIn(dashboard.source), [dashboard.source]);
  const { data: user } = useQuery({
    queryKey: ["signed-in user"],
    queryFn: ({ signal }) => unlessRefused(fetchUser(signal), unknownVisit.user),
    enabled: names.has("__user"),
    staleTime: Infinity,
  });
  const { data: org } = useQuery({
    queryKey: ["organisation"],
    queryFn: ({ signal }) => unlessRefused(fetchOrg(signal), unknownVisit.org),
    enabled: names.has("__org"),
    staleTime: Infinity,
  });
  // The address is undefined if no text contains `__url`, so that a change of the address does not draw the panels
  // again.
  const address = names.has("__url") ? `${pathname}${search}` : undefined;
  return useMemo(() => {
    const [path = "", query] = address?.split("?", 2) ?? [];
    return {
      user: user ?? unknownVisit.user,
      org: org ?? unknownVisit.org,
      path,
      search: query === undefined ? "" : `?${query}`,
    };
  }, [user, org, address]);
}
