import type { BoundVariable, Panel, ResolvedTimeRange } from "@narthex/dashboards";
import { Link } from "react-router";
import ZoomNote from "../../../plot/ZoomNote.tsx";
import { TextButton } from "../../../shell/TextButton.tsx";
import { useChangesAddress } from "../menu/use-changes-address.ts";

/** The note after a zoom in a panel, with a link to what changed in the panel's queries. */
export default function PanelZoomNote({
  panel,
  scoped,
  ...note
}: {
  panel: Panel;
  scoped: ReadonlyMap<string, BoundVariable>;
  range: ResolvedTimeRange;
  zone: string;
  onUndo: () => void;
  onEnd: () => void;
}) {
  const changes = useChangesAddress(panel, scoped);
  return (
    <ZoomNote {...note}>
      {changes !== undefined && (
        <TextButton component={Link} to={changes}>
          What changed?
        </TextButton>
      )}
    </ZoomNote>
  );
}
