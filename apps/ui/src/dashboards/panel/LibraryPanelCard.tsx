import { NEWEST_SCHEMA, type Panel, readDashboard } from "@narthex/dashboards";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { ApiError, fetchJson } from "../../api/request.ts";
import { rootPath } from "../../api/root-path.ts";
import { errorSentence } from "../../shell/StatusMessage.tsx";
import { noData } from "../data/panel-data.ts";
import { PanelCard, type PanelCardProps, PanelView } from "./PanelCard.tsx";
import { isLibraryReference } from "./stand-in.ts";

interface Element {
  readonly result: { readonly model: object };
}

/** Returns the library panel with a uid, migrated to the newest schema. Rejects if no library panel has this uid. */
async function fetchLibraryPanel(uid: string, signal: AbortSignal): Promise<Panel> {
  const path = `${rootPath}/api/library-elements/${encodeURIComponent(uid)}`;
  const { result } = await fetchJson<Element>(path, { signal });
  const { dashboard } = await readDashboard({ schemaVersion: NEWEST_SCHEMA, panels: [result.model] });
  const [panel] = dashboard.panels;
  if (panel === undefined) throw new Error("The library contains no panel with this uid.");
  // Rejects a library panel without a type, because it would be read as a reference to a library panel and requested
  // endlessly.
  if (isLibraryReference({ ...panel, libraryPanel: { uid, name: "" } }))
    throw new Error("The library panel has no type. Set the field `type` of its model.");
  return panel;
}

function reasonOf(error: unknown, { libraryPanel }: Panel): string {
  const name = libraryPanel?.name || libraryPanel?.uid;
  if (error instanceof ApiError && error.status === 404)
    return `The library panel “${name}” is not in the library. Import the dashboard with its library panels, or remove the panel.`;
  return `The library panel “${name}” could not be loaded: ${errorSentence(error)}`;
}

/**
 * A panel whose definition is in the library of panels. The dashboard contains only a reference, the position and the
 * repeat.
 */
export default function LibraryPanelCard(props: PanelCardProps) {
  const { panel, isVisible } = props;
  const uid = panel.libraryPanel?.uid ?? "";
  const { data, error } = useQuery({
    queryKey: ["library panel", uid],
    queryFn: ({ signal }) => fetchLibraryPanel(uid, signal),
    enabled: isVisible,
    staleTime: Infinity,
    retry: false,
  });
  const shown = useMemo((): Panel | undefined => {
    if (data === undefined) return undefined;
    const { id, position, repeatDirection, maxPerRow, libraryPanel } = panel;
    return { ...data, id, position, repeatDirection, maxPerRow, ...(libraryPanel && { libraryPanel }) };
  }, [data, panel]);
  if (shown !== undefined) return <PanelCard {...props} panel={shown} />;
  const failed = error === null ? noData : { ...noData, isLoading: false, error: reasonOf(error, panel) };
  return <PanelView {...props} data={failed} state={error === null ? "loading" : "error"} />;
}
