import type { BoundVariable, Panel, ResolvedTimeRange } from "@narthex/dashboards";
import { Link, useSearchParams } from "react-router";
import ZoomNote from "../../../plot/ZoomNote.tsx";
import { TextButton } from "../../../shell/TextButton.tsx";
import { usePageAddress } from "../menu/page-address.ts";
import { without } from "../menu/panel-address.ts";

/** URL parameters that contain a dashboard's time range. */
const RANGE_PARAMETERS = ["from", "to", "time", "time.window"] as const;

/** Returns URL parameters with the time range of other parameters. */
function withRangeOf(before: URLSearchParams, params: URLSearchParams): URLSearchParams {
  const next = without(params, ...RANGE_PARAMETERS);
  for (const name of RANGE_PARAMETERS) {
    const value = before.get(name);
    if (value !== null) next.set(name, value);
  }
  return next;
}

/** The note after a zoom in a panel, with a link to what changed in the panel's queries. */
export default function PanelZoomNote({
  panel,
  scoped,
  before,
  ...note
}: {
  panel: Panel;
  scoped: ReadonlyMap<string, BoundVariable>;
  range: ResolvedTimeRange;
  /** URL parameters before the zoom. */
  before: URLSearchParams;
  zone: string;
  onEnd: () => void;
}) {
  const [, setParams] = useSearchParams();
  const changes = usePageAddress("changes", panel, scoped);
  return (
    <ZoomNote {...note} onUndo={() => setParams((now) => withRangeOf(before, now))}>
      {changes !== undefined && (
        <TextButton component={Link} to={changes}>
          What changed?
        </TextButton>
      )}
    </ZoomNote>
  );
}
