import type { BoundVariable, Panel } from "@narthex/dashboards";
import { memo, useSyncExternalStore } from "react";
import { ErrorBoundary } from "../../shell/ErrorBoundary.tsx";
import { classesOf } from "../../shell/style-sheet.ts";
import type { PanelContext, DrawnKind, PanelProps } from "../contracts/panel-kind.ts";
import { useDashboardContext } from "../data/dashboard-context.ts";
import { failingName } from "../data/panel/source-outcomes.ts";
import type { PanelData, PanelState } from "../data/panel-data.ts";
import { whenLoaded } from "../../shell/when-loaded.tsx";
import styles from "./PanelCard.module.css";

const css = classesOf(styles);

// Without its code, a panel only says that it has no data.
const EmptyWhy = whenLoaded(() => import("./empty/EmptyWhy.tsx").catch(() => ({ default: () => <></> })), null);
const UnknownKind = whenLoaded(async () => ({ default: (await import("./UnknownKind.tsx")).UnknownKind }), null);
const StandInBar = whenLoaded(async () => ({ default: (await import("./UnknownKind.tsx")).StandInBar }), null);

/** A panel without data that is at least this high has room for the reason, CSS pixels. */
const EXPLAINED_HEIGHT_PX = 60;
/** Height in pixels of the bar above a panel that is shown as another type. */
const STAND_IN_BAR_PX = 28;

interface PanelContentProps {
  readonly panel: Panel;
  /** Variables of a repeated panel, which override the dashboard's variables. */
  readonly scoped: ReadonlyMap<string, BoundVariable>;
  /** The panel to render: the panel itself, or a substitute of a supported type with the same queries. */
  readonly drawn: Panel;
  readonly kind: DrawnKind | undefined;
  readonly state: PanelState;
  readonly data: PanelData;
  /** Width of the content, CSS pixels. */
  readonly width: number;
  readonly height: number;
  readonly isVisible: boolean;
  readonly context: PanelContext;
}

/** Renders a panel's data, or shows why there is nothing to render. */
export function PanelContent({
  panel,
  scoped,
  drawn,
  kind,
  state,
  data,
  width,
  height,
  isVisible,
  context,
}: PanelContentProps) {
  const hasBar = drawn !== panel;
  const { noValue } = panel.fieldConfig.defaults;
  // A panel with its own text for no data may be empty on purpose.
  const canExplain = noValue === undefined && height >= EXPLAINED_HEIGHT_PX;
  return (
    <div className={css("content")}>
      <ErrorBoundary of={`${panel.id} ${drawn.type}`}>
        {hasBar && <StandInBar panel={panel} drawn={drawn} />}
        {isVisible && kind !== undefined && (state === "data" || !kind.isFed) && width > 0 && (
          <Drawn
            of={kind}
            panel={drawn}
            frames={data.frames}
            width={width}
            height={hasBar ? Math.max(0, height - STAND_IN_BAR_PX) : height}
            context={context}
          />
        )}
        {state === "error" && <FailedMessage data={data} />}
        {state === "empty" && (
          <div className={css("message")}>
            {noValue ?? "No data"}
            {canExplain && <EmptyWhy panel={drawn} scoped={scoped} width={width} />}
          </div>
        )}
        {state === "unsupported" && <UnknownKind panel={panel} />}
      </ErrorBoundary>
    </div>
  );
}

/** Message in place of a panel whose queries failed. Does not repeat a failure that the page's banner describes. */
function FailedMessage({ data: { error, failures = [] } }: { data: PanelData }) {
  const { feeds, sources } = useDashboardContext();
  const shown = useSyncExternalStore(feeds.watch, feeds.failures);
  const failure = failures.find(({ uid }) => shown.some((one) => one.uid === uid));
  if (failure === undefined) return <p className={css("message", "failed")}>{error}</p>;
  return (
    <p className={css("message", "failed")} title={error}>
      {failingName(failure.uid, sources)} has failed
    </p>
  );
}

/** Renders a panel with the component of its type. Memoised, so that it renders again only if a property changes. */
const Drawn = memo(function Drawn({ of: { Panel: Renderer }, ...props }: PanelProps & { of: DrawnKind }) {
  return <Renderer {...props} />;
});
