import { Anchor } from "@mantine/core";
import { IconArrowLeft } from "@tabler/icons-react";
import { type Dashboard, repeatValues, type VariableStates } from "@narthex/dashboards";
import { Activity } from "react";
import { Link, useSearchParams } from "react-router";
import { without } from "../panel/menu/panel-address.ts";
import { DashboardPanels } from "./DashboardPanels.tsx";
import { PlacedCard } from "./PlacedCard.tsx";
import { findPlaced } from "./view-panel/find-placed.ts";
import { useKeptScroll } from "./view-panel/use-kept-scroll.ts";
import { ViewedPanel } from "./view-panel/ViewedPanel.tsx";

/** The panels of a dashboard, or the single panel that is viewed. */
export function DashboardBody({
  dashboard,
  states,
  isNarrow,
  viewed,
}: {
  dashboard: Dashboard;
  states: VariableStates;
  isNarrow: boolean;
  /** Key of the panel that is viewed alone; null if all panels are shown. */
  viewed: string | null;
}) {
  useKeptScroll(viewed !== null);
  return (
    <>
      {viewed !== null && (
        <>
          <BackLink />
          <OnePanel dashboard={dashboard} states={states} wanted={viewed} />
        </>
      )}
      <Activity mode={viewed === null ? "visible" : "hidden"}>
        <DashboardPanels dashboard={dashboard} states={states} isNarrow={isNarrow} />
      </Activity>
    </>
  );
}

/** One panel that fills the available space. */
export function OnePanel({
  dashboard,
  states,
  wanted,
}: {
  dashboard: Dashboard;
  states: VariableStates;
  wanted: string;
}) {
  const placed = findPlaced(dashboard.panels, repeatValues(states), wanted);
  return (
    <ViewedPanel placed={placed} wanted={wanted}>
      {(one, { width, height }) => <PlacedCard key={one.key} placed={one} width={width} height={height} />}
    </ViewedPanel>
  );
}

function BackLink() {
  const [params] = useSearchParams();
  const rest = without(params, "viewPanel");
  return (
    <Anchor component={Link} to={`?${rest}`} size="sm" mb={6} style={{ alignSelf: "flex-start" }}>
      <IconArrowLeft size={14} aria-hidden style={{ verticalAlign: "-2px" }} /> Back to dashboard
    </Anchor>
  );
}
