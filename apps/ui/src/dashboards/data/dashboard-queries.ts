import { queryOptions } from "@tanstack/react-query";
import { fetchSources } from "./dashboard-api.ts";

export const sourcesQuery = queryOptions({ queryKey: ["sources"], queryFn: ({ signal }) => fetchSources(signal) });

/** Query cache key of all lists of dashboards and folders. */
export const dashboardsKey = ["dashboards"] as const;

/** Query cache key of a dashboard and of the dashboard's versions. */
export const dashboardKey = (uid: string) => ["dashboard", uid] as const;
