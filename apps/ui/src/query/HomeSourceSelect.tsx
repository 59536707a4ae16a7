import { NativeSelect } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useLocation } from "react-router";
import { fetchMetricsSources } from "../api/home-sources.ts";
import { homePath, shownSource } from "../api/root-path.ts";

/**
 * Selects the data source of the dashboards that answers the queries. Another source has pages of its own, so the same
 * queries are opened there. Hidden outside of the dashboards, and if there is only one source.
 */
export function HomeSourceSelect() {
  const shown = shownSource();
  const { pathname, search } = useLocation();
  const { data: sources = [] } = useQuery({
    queryKey: ["metrics sources"],
    queryFn: ({ signal }) => fetchMetricsSources(signal),
    enabled: shown !== undefined,
    staleTime: Infinity,
  });
  if (shown === undefined || sources.length < 2) return null;
  return (
    <NativeSelect
      size="xs"
      aria-label="Data source"
      value={shown}
      data={sources.map(({ uid, name }) => ({ value: uid, label: name }))}
      onChange={({ currentTarget: { value } }) =>
        location.assign(`${homePath}/sources/${encodeURIComponent(value)}${pathname}${search}`)
      }
    />
  );
}
