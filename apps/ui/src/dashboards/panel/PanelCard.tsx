import { Tooltip, UnstyledButton } from "@mantine/core";
import { IconAlertTriangle, IconInfoCircle } from "@tabler/icons-react";
import { type BoundVariable, interpolate, type Panel, panelKey } from "@narthex/dashboards";
import { memo, Suspense, useMemo } from "react";
import { ErrorBoundary } from "../../shell/ErrorBoundary.tsx";
import { classesOf } from "../../shell/style-sheet.ts";
import { useDashboardContext } from "../page/dashboard-context.ts";
import { panelKindOf } from "../panels/registry.ts";
import { type PanelData, type PanelState, stateOf } from "../query/panel-data.ts";
import { fieldViews } from "./field-views.ts";
import { PanelMenu } from "./menu/PanelMenu.tsx";
import { usePanelData } from "./use-panel-data.ts";
import styles from "./PanelCard.module.css";

const css = classesOf(styles);

/** Pixels of a panel's title, and around its content. */
const TITLE_PX = 30;
const PADDING_PX = 8;

export interface PanelCardProps {
  /** Tells it from its clones; that of a panel which is none where it is left out. */
  readonly panelKey?: string;
  readonly panel: Panel;
  /** Variables whose value is another than the dashboard's in this repeat. */
  readonly scoped: ReadonlyMap<string, BoundVariable>;
  readonly width: number;
  readonly height: number;
  /** Near enough to the screen to be drawn. */
  readonly isVisible: boolean;
}

/** A panel with the answers of its queries. */
export const PanelCard = memo(function PanelCard(props: PanelCardProps) {
  const { panel, scoped, width, isVisible } = props;
  const context = useDashboardContext();
  const lookup = useMemo(() => context.lookupFor(scoped), [context, scoped]);
  const { sources, raw, range: dashboardRange, calendar } = context;
  const request = useMemo(
    () => ({ panel, lookup, sources, raw, range: dashboardRange, calendar }),
    [panel, lookup, sources, raw, dashboardRange, calendar],
  );
  const data = usePanelData(request, contentWidthOf(width), isVisible && panelKindOf(panel.type)?.isFed === true);
  return <PanelView {...props} data={data} />;
});

/** The pixels that a card of this width leaves to what it shows. */
export const contentWidthOf = (width: number): number => Math.max(0, width - 2 * PADDING_PX);

export interface PanelViewProps extends PanelCardProps {
  readonly data: PanelData;
}

/** A panel with what it is given: its title, its menu, and what its kind draws. */
export function PanelView(props: PanelViewProps) {
  const { panel, scoped, width, height, isVisible, data } = props;
  const key = props.panelKey ?? panelKey(panel.id);
  const context = useDashboardContext();
  const lookup = useMemo(() => context.lookupFor(scoped), [context, scoped]);
  const kind = panelKindOf(panel.type);
  const contentWidth = contentWidthOf(width);
  const title = interpolate(panel.title, lookup);
  const description = interpolate(panel.description, lookup);
  const hasTitle = title !== "";
  const contentHeight = Math.max(0, height - (hasTitle ? TITLE_PX : PADDING_PX) - PADDING_PX);
  const range = data.range ?? context.range;
  const panelContext = useMemo(
    () => ({
      theme: context.theme,
      zone: context.zone,
      now: context.now,
      range,
      onZoom: context.onZoom,
      syncKey: context.syncKey,
      isTooltipShared: context.isTooltipShared,
      annotations: context.annotations,
      fill: (text: string) => interpolate(text, lookup),
      ...fieldViews(data.frames, { scheme: context.theme.scheme, zone: context.zone, now: context.now }),
    }),
    [context, range, lookup, data.frames],
  );
  const state: PanelState = kind === undefined ? "unsupported" : kind.isFed ? stateOf(data) : "data";
  return (
    <section
      className={panel.transparent ? css("panel", "transparent") : css("panel")}
      aria-label={title === "" ? `Panel ${panel.id}` : title}
      aria-busy={data.isLoading}
      data-panel-id={panel.id}
      data-panel-key={key}
      data-panel-type={panel.type}
      data-panel-state={state}
      style={{ width, height }}
    >
      <header className={hasTitle ? css("head") : css("head", "floating")}>
        {hasTitle && (
          <h3 className={css("title")} title={title}>
            {title}
          </h3>
        )}
        {description !== "" && (
          <Tooltip label={description} withinPortal>
            <UnstyledButton className={css("mark")} aria-label="Description">
              <IconInfoCircle size={14} />
            </UnstyledButton>
          </Tooltip>
        )}
        <Notices error={state === "error" ? undefined : data.error} texts={data.notices.map(({ text }) => text)} />
        <PanelMenu panelKey={key} panel={panel} title={title} scoped={scoped} className={css("menu")} />
      </header>
      {data.isLoading && isVisible && kind?.isFed === true && <div className={css("progress")} />}
      <div className={css("content")}>
        <ErrorBoundary of={`${panel.id} ${panel.type}`}>
          {isVisible && kind !== undefined && (state === "data" || !kind.isFed) && contentWidth > 0 && (
            <Suspense fallback={null}>
              <kind.Panel
                panel={panel}
                frames={data.frames}
                width={contentWidth}
                height={contentHeight}
                context={panelContext}
              />
            </Suspense>
          )}
          {state === "error" && <p className={css("message", "failed")}>{data.error}</p>}
          {state === "empty" && <p className={css("message")}>{panel.fieldConfig.defaults.noValue ?? "No data"}</p>}
          {state === "unsupported" && (
            <p className={css("message")}>
              Panels of the kind “{panel.type}” cannot be shown here. The dashboard keeps it as it is.
            </p>
          )}
        </ErrorBoundary>
      </div>
    </section>
  );
}

function Notices({ error, texts }: { error: string | undefined; texts: readonly string[] }) {
  const all = [...(error === undefined ? [] : [error]), ...new Set(texts)];
  if (all.length === 0) return null;
  return (
    <Tooltip label={all.slice(0, 5).join("\n")} withinPortal>
      <UnstyledButton className={css("mark", "warning")} aria-label={`Notice: ${all[0]}`}>
        <IconAlertTriangle size={14} />
      </UnstyledButton>
    </Tooltip>
  );
}
