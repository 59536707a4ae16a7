import type { Panel } from "@narthex/dashboards";
import { lazy, memo, Suspense } from "react";
import { ErrorBoundary } from "../../shell/ErrorBoundary.tsx";
import { classesOf } from "../../shell/style-sheet.ts";
import type { PanelContext, DrawnKind, PanelProps } from "../contracts/panel-kind.ts";
import type { PanelData, PanelState } from "../data/panel-data.ts";
import styles from "./PanelCard.module.css";

const css = classesOf(styles);

const UnknownKind = lazy(async () => ({ default: (await import("./UnknownKind.tsx")).UnknownKind }));
const StandInBar = lazy(async () => ({ default: (await import("./UnknownKind.tsx")).StandInBar }));

/** Height in pixels of the bar above a panel that is shown as another type. */
const STAND_IN_BAR_PX = 28;

interface PanelContentProps {
  readonly panel: Panel;
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
  return (
    <div className={css("content")}>
      <ErrorBoundary of={`${panel.id} ${drawn.type}`}>
        {hasBar && (
          <Suspense fallback={null}>
            <StandInBar panel={panel} drawn={drawn} />
          </Suspense>
        )}
        {isVisible && kind !== undefined && (state === "data" || !kind.isFed) && width > 0 && (
          <Suspense fallback={<span hidden data-panel-drawing />}>
            <Drawn
              of={kind}
              panel={drawn}
              frames={data.frames}
              width={width}
              height={hasBar ? Math.max(0, height - STAND_IN_BAR_PX) : height}
              context={context}
            />
          </Suspense>
        )}
        {state === "error" && <p className={css("message", "failed")}>{data.error}</p>}
        {state === "empty" && <p className={css("message")}>{panel.fieldConfig.defaults.noValue ?? "No data"}</p>}
        {state === "unsupported" && (
          <Suspense fallback={null}>
            <UnknownKind panel={panel} />
          </Suspense>
        )}
      </ErrorBoundary>
    </div>
  );
}

/** Renders a panel with the component of its type. Memoised, so that it renders again only if a property changes. */
const Drawn = memo(function Drawn({ of: { Panel: Renderer }, ...props }: PanelProps & { of: DrawnKind }) {
  return <Renderer {...props} />;
});
