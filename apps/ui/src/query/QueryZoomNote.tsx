import type { ResolvedTimeRange } from "@narthex/dashboards";
import { homePath, shownSource } from "../api/root-path.ts";
import { changesAddress } from "../query-link/change-choice.ts";
import type { TimelessPanel } from "../query-link/panel.ts";
import ZoomNote from "../plot/ZoomNote.tsx";
import { TextButton } from "../shell/TextButton.tsx";
import { useTimeZone } from "../shell/time-zone.ts";
import { absoluteRange } from "../time-controls/range-text.ts";

/** The note after a zoom in the graph of a query. Within the dashboards, it has a link to what changed in the query. */
export default function QueryZoomNote({
  panel,
  range,
  onUndo,
  onEnd,
}: {
  panel: TimelessPanel;
  range: ResolvedTimeRange;
  onUndo: () => void;
  onEnd: () => void;
}) {
  const zone = useTimeZone();
  const changes = changesAddress({
    source: shownSource() ?? "",
    job: "",
    search: "",
    exprs: [panel.expr],
    unit: panel.unit,
    raw: absoluteRange(range),
    zone,
    compare: panel.compare,
  });
  return (
    <ZoomNote range={range} zone={zone} onUndo={onUndo} onEnd={onEnd}>
      {homePath !== undefined && (
        // The page is part of another app, so a new document is loaded.
        <TextButton component="a" href={`${homePath}${changes}`}>
          What changed?
        </TextButton>
      )}
    </ZoomNote>
  );
}
