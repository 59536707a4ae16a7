import { type BoundVariable, interpolate, type Lookup, type Panel, panelKey } from "@narthex/dashboards";
import { memo, useMemo, useState } from "react";
import { formatClock } from "../../format/instant.ts";
import { classesOf } from "../../shell/style-sheet.ts";
import { whenLoaded } from "../../shell/when-loaded.tsx";
import { WaitingSince } from "../../shell/WaitingSince.tsx";
import { useDashboardContext } from "../data/dashboard-context.ts";
import { noData, type PanelData, type PanelState, stateOf } from "../data/panel-data.ts";
import type { PanelContext, DrawnKind } from "../contracts/panel-kind.ts";
import { type MarksContext, usePanelMarks } from "./marks/use-panel-marks.tsx";
import { fieldViews } from "../data/panel/field-views.ts";
import { HostScope } from "./HostScope.tsx";
import { LegendScope } from "./LegendScope.tsx";
import { PanelBoundary } from "./PanelBoundary.tsx";
import { PanelContent } from "./PanelContent.tsx";
import { PanelHead } from "./PanelHead.tsx";
import { type PanelTime, panelTime } from "../data/panel/panel-request.ts";
import { drawingKind, isLibraryReference, useDrawnPanel } from "./stand-in.ts";
import { filledText, usedNames } from "../data/panel/used-names.ts";
import { useFeedData, usePanelFeed } from "../data/panel/use-panel-data.ts";
import styles from "./PanelCard.module.css";
import { useZoomNote } from "./zoom/use-zoom-note.tsx";

const css = classesOf(styles);

/** Height of a panel's title, and padding around its content, pixels. */
const TITLE_PX = 30;
const PADDING_PX = 8;
/** Maximum number of notices that a panel's header shows. */
const MAX_NOTICES = 5;

export interface PanelCardProps {
  /** Key that distinguishes the panel from its clones. By default it is derived from the panel's id. */
  readonly panelKey?: string;
  readonly panel: Panel;
  /** Variables of a repeated panel, which override the dashboard's variables. */
  readonly scoped: ReadonlyMap<string, BoundVariable>;
  readonly width: number;
  readonly height: number;
  /** Whether the panel is close enough to the screen to be drawn. */
  readonly isVisible: boolean;
}

const LibraryPanelCard = whenLoaded<PanelCardProps>(
  () => import("./LibraryPanelCard.tsx"),
  (props) => <PanelView {...props} data={noData} state="loading" />,
);

/** A panel that requests its data. If rendering fails, the error is shown in its place. */
export const PanelCard = memo(function PanelCard(props: PanelCardProps) {
  const { panel, width, height } = props;
  return (
    <PanelBoundary panel={panel} width={width} height={height}>
      {isLibraryReference(panel) ? <LibraryPanelCard {...props} /> : <PanelWithData {...props} />}
    </PanelBoundary>
  );
});

function PanelWithData(props: PanelCardProps) {
  const { panel, panelKey: feedKey, scoped, width, isVisible } = props;
  const drawn = useDrawnPanel(panel);
  const isEnabled = isVisible && drawingKind(drawn)?.isFed === true;
  const feed = usePanelFeed({ panel: drawn, feedKey, scoped, width: contentWidthOf(width), isEnabled });
  return <PanelView {...props} data={useFeedData(feed)} />;
}

/** Returns the width of the content in a panel of the given width, CSS pixels. */
export const contentWidthOf = (width: number): number => Math.max(0, width - 2 * PADDING_PX);

export interface PanelViewProps extends PanelCardProps {
  readonly data: PanelData;
  /** State of a panel whose definition is loading or was not found. By default the state follows from the data. */
  readonly state?: PanelState;
}

/** A panel with title and menu that shows the given data. If rendering fails, the error is shown in its place. */
export function PanelView(props: PanelViewProps) {
  const { panel, width, height } = props;
  return (
    <PanelBoundary panel={panel} width={width} height={height}>
      <PanelParts {...props} />
    </PanelBoundary>
  );
}

function PanelParts(props: PanelViewProps) {
  const { panel, scoped, width, height, isVisible, data } = props;
  const key = props.panelKey ?? panelKey(panel.id);
  const context = useDashboardContext();
  const time = useMemo(() => panelTime(panel, scoped, context), [panel, scoped, context]);
  const current = useMemo(() => context.lookupFor(scoped, time.range), [context, scoped, time]);
  const lookup = useSteadyLookup(panel, current);
  const drawn = useDrawnPanel(panel);
  const kind = drawingKind(drawn);
  const contentWidth = contentWidthOf(width);
  const title = interpolate(panel.title, lookup, "text");
  const description = interpolate(panel.description, lookup, "text");
  const timeText = panel.hideTimeOverride ? "" : time.words;
  const hasTitle = title !== "" || timeText !== "";
  const contentHeight = Math.max(0, height - (hasTitle ? TITLE_PX : PADDING_PX) - PADDING_PX);
  const { card, marks } = usePanelMarks({ panel, lookup: current, frames: data.frames });
  const { onZoom, note } = useZoomNote(panel, scoped);
  const panelContext = usePanelContext({ data, lookup, time, marks, onZoom });
  const state = props.state ?? ownState(kind, data);
  const isBusy = data.isLoading && kind?.isFed === true;
  return (
    <section
      className={panel.transparent ? css("panel", "transparent") : css("panel")}
      aria-label={title === "" ? `Panel ${panel.id}` : title}
      aria-busy={isBusy}
      data-panel-id={panel.id}
      data-panel-key={key}
      data-panel-type={panel.type}
      data-panel-state={state}
      style={{ width, height }}
    >
      <PanelHead
        panelKey={key}
        panel={panel}
        scoped={scoped}
        title={title}
        timeText={timeText}
        isNotCompared={context.compare !== "" && kind?.isFed === true && !kind.showsEarlier}
        description={description}
        notices={noticesOf(data, state)}
        asOf={data.asOf === undefined ? "" : `as of ${formatClock(data.asOf, context.now, context.zone)}`}
        lookup={lookup}
      />
      {note}
      {isBusy && isVisible && <div className={css("progress")} />}
      {isBusy && isVisible && data.waiting !== undefined && (
        <div className={note ? css("waiting", "below") : css("waiting")}>
          <WaitingSince
            name={data.waiting.names.join(" and ") || "the server"}
            since={data.waiting.since}
            onCancel={data.waiting.cancel}
          />
        </div>
      )}
      <HostScope range={time.range} scoped={scoped}>
        <LegendScope panelKey={key}>
          <PanelContent
            panel={panel}
            scoped={scoped}
            drawn={drawn}
            kind={kind}
            state={state}
            data={data}
            width={contentWidth}
            height={contentHeight}
            isVisible={isVisible}
            context={panelContext}
          />
        </LegendScope>
      </HostScope>
      {card}
    </section>
  );
}

const ownState = (kind: DrawnKind | undefined, data: PanelData): PanelState =>
  kind === undefined ? "unsupported" : kind.isFed ? stateOf(data) : "data";

/**
 * Returns a lookup of variables that is the same object until a variable in the panel's texts changes, so that other
 * changes do not render the panel again.
 */
function useSteadyLookup(panel: Panel, lookup: Lookup): Lookup {
  const key = filledText(usedNames(panel).shown, lookup);
  const [kept, setKept] = useState({ panel, key, lookup });
  const isKept = kept.key === key && kept.panel === panel;
  if (!isKept) setKept({ panel, key, lookup });
  return isKept ? kept.lookup : lookup;
}

/** Returns the context of a panel's renderer. The object changes only if the renderer must draw again. */
function usePanelContext({
  data,
  lookup,
  time,
  marks,
  onZoom,
}: {
  data: PanelData;
  lookup: Lookup;
  time: PanelTime;
  marks: MarksContext;
  onZoom: PanelContext["onZoom"];
}): PanelContext {
  const { theme, zone, now, syncKey, isTooltipShared, range: ofDashboard } = useDashboardContext();
  const range = data.range ?? time.range ?? ofDashboard;
  const { earlier } = data;
  // The time at which the shown frames arrived, to which relative times such as "5 minutes ago" refer.
  const [views, setViews] = useState({ frames: data.frames, now });
  if (views.frames !== data.frames) setViews({ frames: data.frames, now });
  const asOf = views.frames === data.frames ? views.now : now;
  return useMemo(
    () => ({
      theme,
      zone,
      now: asOf,
      range,
      onZoom,
      syncKey,
      isTooltipShared,
      ...marks,
      earlier,
      fill: (text: string) => interpolate(text, lookup),
      ...fieldViews(data.frames, { scheme: theme.scheme, zone, now: asOf, lookup }, earlier),
    }),
    [theme, zone, range, onZoom, syncKey, isTooltipShared, marks, lookup, data.frames, earlier, asOf],
  );
}

const noticesOf = ({ error, notices }: PanelData, state: PanelState): string =>
  [...new Set([...(error === undefined || state === "error" ? [] : [error]), ...notices.map(({ text }) => text)])]
    .slice(0, MAX_NOTICES)
    .join("\n");
