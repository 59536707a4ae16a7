import "../styles/mantine.css";
import { Anchor, SimpleGrid, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link, Navigate, useNavigate } from "react-router";
import { Card, CardHead } from "../../shell/Card.tsx";
import { PageHeader } from "../../shell/PageHeader.tsx";
import { ErrorMessage, LoadingMessage } from "../../shell/StatusMessage.tsx";
import type { SearchHit } from "../data/dashboard-api.ts";
import { byTitle } from "../data/dashboard-list.ts";
import { DashboardRow } from "../controls/DashboardRow.tsx";
import { loadHome } from "./load-home.ts";
import { NewMenu } from "./NewMenu.tsx";
import { NoDashboards } from "./NoDashboards.tsx";
import { recentDashboards } from "../data/recent-dashboards.ts";
import { useDashboards, useStars } from "../data/use-dashboards.ts";
import { whenLoaded } from "../../shell/when-loaded.tsx";

const HomeDashboard = whenLoaded(() => import("../routes/HomeDashboard.tsx"));

/** Maximum number of dashboards in a section of the start page. */
const MAX_SHOWN = 12;

/** The start page: the server's home dashboard if there is one, otherwise favourites and recently opened dashboards. */
export default function HomePage() {
  const { data: home, error } = useQuery({
    queryKey: ["home dashboard"],
    queryFn: ({ signal }) => loadHome(signal),
    staleTime: Infinity,
  });
  // Shows the lists of dashboards if the request of the start page fails. The lists send their own requests, show
  // errors, and can retry.
  if (error !== null) return <DashboardLists />;
  if (home === undefined) return <LoadingMessage />;
  if (home.redirectPath !== undefined) return <Navigate to={home.redirectPath} replace />;
  return home.dashboard === undefined ? (
    <DashboardLists />
  ) : (
    <HomeDashboard dashboard={home.dashboard} tools={<NewMenu />} />
  );
}

function DashboardLists() {
  const { data, error, isPending, refetch } = useDashboards("");
  const [recent] = useState(recentDashboards);
  const dashboards = (data ?? []).filter(({ type }) => type === "dash-db");
  const starred = byTitle(
    dashboards.filter(({ isStarred }) => isStarred),
    "alpha-asc",
  );
  const byUid = new Map(dashboards.map((hit) => [hit.uid, hit]));
  const viewed = recent.flatMap((uid) => byUid.get(uid) ?? []);
  return (
    <>
      <PageHeader title="Home" toolbar={<NewMenu />}>
        <Anchor component={Link} to="/dashboards" size="sm">
          All dashboards
        </Anchor>
      </PageHeader>
      {error !== null && <ErrorMessage error={error} onRetry={() => void refetch()} />}
      {isPending && <LoadingMessage label="Loading dashboards" />}
      {data !== undefined && dashboards.length === 0 && <NoDashboards />}
      {dashboards.length > 0 && (
        <SimpleGrid className="top-aligned" cols={{ base: 1, md: 2 }} spacing="md">
          <Section name="Starred dashboards" hits={starred} empty="Dashboards that you star appear here." />
          <Section name="Recently viewed" hits={viewed} empty="Dashboards that you open appear here." />
        </SimpleGrid>
      )}
    </>
  );
}

function Section({ name, hits, empty }: { name: string; hits: readonly SearchHit[]; empty: string }) {
  const star = useStars();
  const navigate = useNavigate();
  return (
    <Card>
      <CardHead>
        <Text component="h2" fw={620} size="sm">
          {name}
        </Text>
      </CardHead>
      {hits.length === 0 && (
        <Text size="sm" c="dimmed" p="md">
          {empty}
        </Text>
      )}
      <div role="list" aria-label={name}>
        {hits.slice(0, MAX_SHOWN).map((hit) => (
          <DashboardRow
            key={hit.uid}
            hit={hit}
            hasFolder
            onStar={star}
            onTag={(tag) => void navigate({ pathname: "/dashboards", search: `?${new URLSearchParams({ tag })}` })}
          />
        ))}
      </div>
    </Card>
  );
}
