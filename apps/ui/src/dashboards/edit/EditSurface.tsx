import { lazy, Suspense } from "react";
import { useSearchParams } from "react-router";
import { LoadingMessage } from "../../shell/StatusMessage.tsx";
import { useDashboardContext } from "../page/dashboard-context.ts";
import { useDashboardEdit } from "./edit-context.ts";
import { EditGrid } from "./grid/EditGrid.tsx";

const OpenPanelEditor = lazy(() => import("./panel/OpenPanelEditor.tsx"));
const DashboardSettings = lazy(() => import("./settings/DashboardSettings.tsx"));

/** Replaces a dashboard's panels while it is edited: all panels, the editor of one, or the settings. */
export default function EditSurface() {
  const [params] = useSearchParams();
  const asked = params.get("editPanel");
  if (asked === null && !params.has("editview")) return <ArrangedPanels />;
  return (
    <Suspense fallback={<LoadingMessage label="Loading the editor" />}>
      {asked === null ? <DashboardSettings /> : <OpenPanelEditor key={asked} asked={asked} />}
    </Suspense>
  );
}

/** The panels; they are drawn when the variables have values, since a panel needs these to know its data source. */
function ArrangedPanels() {
  const { dashboard } = useDashboardEdit();
  const { lookupFor } = useDashboardContext();
  const first = dashboard.variables[0];
  const areFilled = first === undefined || lookupFor(new Map())(first.name, undefined) !== undefined;
  return areFilled ? <EditGrid /> : <LoadingMessage label="Loading the variables" />;
}
