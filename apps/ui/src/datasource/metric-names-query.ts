import { queryOptions } from "@tanstack/react-query";
import type { DataSource } from "./data-source.ts";

export const metricNamesQuery = (source: DataSource) =>
  queryOptions({
    queryKey: ["metric-names", source.id],
    queryFn: ({ signal }) => source.labelValues("__name__", signal),
  });
