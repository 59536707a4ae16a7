import { queryOptions } from "@tanstack/react-query";
import { fetchSources } from "./dashboard-api.ts";

export const sourcesQuery = queryOptions({ queryKey: ["sources"], queryFn: ({ signal }) => fetchSources(signal) });

/** Key of all lists of dashboards and folders. */
export const dashboardsKey = ["dashboards"] as const;

/** Key of a dashboard and of its versions. */
export const dashboardKey = (uid: string) => ["dashboard", uid] as const;
