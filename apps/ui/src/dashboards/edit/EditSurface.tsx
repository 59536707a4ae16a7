import { useEffect, useState } from "react";
import { useSearchParams } from "react-router";
import { LoadingMessage } from "../../shell/StatusMessage.tsx";
import { useDashboardContext } from "../data/dashboard-context.ts";
import { useDashboardEdit } from "../draft/edit-context.ts";
import { EditGrid } from "./grid/EditGrid.tsx";
import { whenLoaded } from "../../shell/when-loaded.tsx";

const loading = <LoadingMessage label="Loading the editor" />;
const OpenPanelEditor = whenLoaded(() => import("./panel/OpenPanelEditor.tsx"), loading);
const DashboardSettings = whenLoaded(() => import("./settings/DashboardSettings.tsx"), loading);

/** Content of the page in edit mode: all panels, the editor of one panel, or the settings. */
export default function EditSurface() {
  const [params] = useSearchParams();
  const panelId = params.get("editPanel");
  const [edited, setEdited] = useState(panelId);
  if (panelId !== null && panelId !== edited) setEdited(panelId);
  if (panelId === null && !params.has("editview")) return <ArrangedPanels edited={edited} />;
  return panelId === null ? <DashboardSettings /> : <OpenPanelEditor key={panelId} panelId={panelId} />;
}

/**
 * The panels in edit mode. The panels are drawn after the variables have values, because variables determine a panel's
 * data source.
 * @param edited id of the panel that was edited last
 */
function ArrangedPanels({ edited }: { edited: string | null }) {
  const { dashboard } = useDashboardEdit();
  const { lookupFor } = useDashboardContext();
  const first = dashboard.variables[0];
  // Loads the editor of panels in advance, because most users open it next.
  useEffect(() => void OpenPanelEditor.load(), []);
  const areFilled = first === undefined || lookupFor()(first.name, undefined) !== undefined;
  return areFilled ? <EditGrid edited={edited} /> : <LoadingMessage label="Loading the variables" />;
}
