import { lazy, Suspense } from "react";
import { useSearchParams } from "react-router";
import { LoadingMessage } from "../../shell/StatusMessage.tsx";
import { EditGrid } from "./grid/EditGrid.tsx";

const OpenPanelEditor = lazy(() => import("./panel/OpenPanelEditor.tsx"));

/** What stands in the place of a dashboard's panels while it is edited: all of them, or the editor of one. */
export default function EditSurface() {
  const [params] = useSearchParams();
  const asked = params.get("editPanel");
  if (asked === null) return <EditGrid />;
  return (
    <Suspense fallback={<LoadingMessage label="Loading the editor" />}>
      <OpenPanelEditor key={asked} asked={asked} />
    </Suspense>
  );
}
