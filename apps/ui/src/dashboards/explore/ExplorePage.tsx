import { findSource, hasFeature, leastStep, type SourceListing } from "@narthex/dashboards";
import "../styles/mantine.css";
import { shownTimeZone } from "../../shell/time-zone.ts";
import { firstDayOfWeek } from "../../shell/week-start.ts";
import { useQuery } from "@tanstack/react-query";
import { Button } from "@mantine/core";
import { useEffect, useState } from "react";
import { useSearchParams } from "react-router";
import { rootPath } from "../../api/root-path.ts";
import { encodePanels } from "../../query-link/panel-link.ts";
import { EmptyMessage, ErrorMessage, LoadingMessage } from "../../shell/StatusMessage.tsx";
import { nowMs } from "../../time/browser-clock.ts";
import { useIsEditor } from "../../shell/viewer.ts";
import { EditableDashboard } from "../edit/EditableDashboard.tsx";
import { OpenDashboard } from "../page/OpenDashboard.tsx";
import { exploredDashboard } from "./explored-dashboard.ts";
import { exploredQueries, queryPanels } from "./explored-queries.ts";
import { sourcesQuery } from "../data/dashboard-queries.ts";

/** Returns the path of the pages that a Prometheus or Alertmanager data source has within the dashboards. */
const sourcePages = ({ uid }: Pick<SourceListing, "uid">): string => `/sources/${encodeURIComponent(uid)}`;

/**
 * Opens the address of a Grafana Explore page. Queries in PromQL are opened on the query page of their data source, other
 * queries are shown in panels.
 */
export default function ExplorePage() {
  const [params] = useSearchParams();
  const { data: sources, error } = useQuery(sourcesQuery);
  const explored = exploredQueries(params);
  const ref = explored.source === "" ? undefined : { uid: explored.source };
  const named = sources && findSource(ref, sources, () => undefined);
  const source = named !== undefined && hasFeature(named, "metrics") ? named : undefined;
  const target = source && sourcePages(source);
  useEffect(() => {
    if (source === undefined || target === undefined) return;
    const scrapeMs = leastStep(source);
    const calendar = { now: nowMs(), zone: shownTimeZone(), weekStart: firstDayOfWeek() };
    const panels = queryPanels(exploredQueries(params), { ...calendar, scrapeMs });
    location.replace(`${rootPath}${target}/query${panels.length === 0 ? "" : `?${encodePanels(panels)}`}`);
  }, [source, target, params]);
  if (error !== null) return <ErrorMessage error={error} />;
  if (sources === undefined || source !== undefined) return <LoadingMessage label="Opening the query page" />;
  if (named === undefined)
    return (
      <EmptyMessage title={`There is no data source “${explored.source}”`}>
        Only queries of this server's data sources can be explored.
      </EmptyMessage>
    );
  return <ExploredDashboard key={params.get("panes") ?? params.get("left") ?? ""} source={named} sources={sources} />;
}

/** Shows the queries of the address in panels. Editors can change them, and save the panels as a new dashboard. */
function ExploredDashboard({ source, sources }: { source: SourceListing; sources: readonly SourceListing[] }) {
  const [params, setParams] = useSearchParams();
  const [dashboard] = useState(() => exploredDashboard(exploredQueries(params), source));
  const isEditor = useIsEditor() === true;
  const edit = (): void => setParams((before) => new URLSearchParams([...before, ["editPanel", "1"]]));
  if (isEditor && params.has("editPanel"))
    return <EditableDashboard dashboard={dashboard} meta={EDITABLE} sources={sources} isNew />;
  const tools = isEditor && (
    <Button variant="default" size="xs" onClick={edit}>
      Change the query
    </Button>
  );
  return <OpenDashboard dashboard={dashboard} meta={{}} sources={sources} tools={tools} />;
}

const EDITABLE = { canEdit: true, canSave: true };
