import { useCallback, useMemo, useState } from "react";
import { lineColor } from "@narthex/dashboards/palette";
import { classesOf } from "../../../shell/style-sheet.ts";
import { readOptions } from "../../contracts/option-table.ts";
import type { PanelProps } from "../../contracts/panel-kind.ts";
import { PlotMessage } from "../../plot/PlotMessage.tsx";
import { criticalPath, type PathPart } from "./critical-path.ts";
import { Minimap } from "./Minimap.tsx";
import { tracesOptions, type TracesOptions } from "./options.ts";
import { readTrace, type Trace, traceFrameOf } from "./read-trace.ts";
import { SpanDetailsPane } from "./SpanDetailsPane.tsx";
import { isSearching, matchingSpans } from "./span-search.ts";
import { SpanSearchBar } from "./SpanSearchBar.tsx";
import { visibleSpans } from "./span-tree.ts";
import { SpanTree } from "./SpanTree.tsx";
import { TraceHead } from "./TraceHead.tsx";
import styles from "./TracesPanel.module.css";

const css = classesOf(styles);

/** Shows a trace: its spans as a tree with their times, a search, and the details of a span. */
export function TracesPanel(props: PanelProps) {
  const { panel, frames, width, height } = props;
  const options = useMemo(() => readOptions(tracesOptions, panel.options), [panel.options]);
  const trace = useMemo(() => {
    const frame = traceFrameOf(frames);
    return frame === undefined ? undefined : readTrace(frame);
  }, [frames]);
  if (trace === undefined)
    return (
      <PlotMessage
        text="No frame contains a trace. A trace has the fields spanID, startTime and duration."
        width={width}
        height={height}
      />
    );
  // A different trace starts with a new state. New data of the same trace keeps the state.
  return <ShownTrace key={trace.spans[0]?.traceId} {...props} trace={trace} options={options} />;
}

interface ShownTraceProps extends PanelProps {
  readonly trace: Trace;
  readonly options: TracesOptions;
}

const NO_PATH: ReadonlyMap<number, readonly PathPart[]> = new Map();

function ShownTrace({ panel, width, height, context, trace, options }: ShownTraceProps) {
  const { spans } = trace;
  const [search, setSearch] = useState({
    text: options.search,
    service: options.service,
    minDuration: options.minDuration,
  });
  const [areMatchesOnly, setMatchesOnly] = useState(options.areMatchesOnly);
  const [collapsed, setCollapsed] = useState<ReadonlySet<string>>(new Set());
  const focused = spans.findIndex(({ id }) => id === options.focusedSpan && id !== "");
  const [active, setActive] = useState(Math.max(0, focused));
  const [opened, setOpened] = useState(focused < 0 ? undefined : focused);
  const [chosen, setRange] = useState<{ from: number; to: number }>();
  const whole = useMemo(() => ({ from: 0, to: Math.max(trace.end - trace.start, 1e-6) }), [trace]);
  const range = chosen ?? whole;
  const matches = useMemo(() => (isSearching(search) ? matchingSpans(trace, search) : undefined), [trace, search]);
  const visible = useMemo(
    () => (matches !== undefined && areMatchesOnly ? Array.from(matches) : visibleSpans(spans, collapsed)),
    [matches, areMatchesOnly, spans, collapsed],
  );
  const colors = useMemo(
    () => new Map(trace.services.map(({ name }, at) => [name, lineColor(at, context.theme.scheme)])),
    [trace, context.theme.scheme],
  );
  const colorOf = useCallback((service: string) => colors.get(service) ?? "", [colors]);
  const path = useMemo(() => (options.isCriticalPathShown ? criticalPath(spans) : NO_PATH), [options, spans]);
  const collapse = useCallback(
    (ids: readonly string[], isCollapsed: boolean) => setCollapsed((before) => withIds(before, ids, isCollapsed)),
    [],
  );
  const show = useCallback(
    (at: number): void => {
      const ancestors: string[] = [];
      for (let up = spans[at]?.parent ?? -1; up >= 0; up = spans[up]!.parent) ancestors.push(spans[up]!.id);
      collapse(ancestors, false);
      setActive(at);
    },
    [spans, collapse],
  );
  const step = (direction: 1 | -1): void => {
    const next = nextMatch(Array.from(matches ?? []), active, direction);
    if (next !== undefined) show(next);
  };
  const openSpan = opened === undefined ? undefined : spans[opened];
  const positionOf = (id: string): number => spans.findIndex((span) => span.id === id);
  return (
    <div className={css("panel")} style={{ width, height }} role="region" aria-label={panel.title || "Trace"}>
      <TraceHead trace={trace} zone={context.zone} />
      <SpanSearchBar
        trace={trace}
        search={search}
        onSearch={setSearch}
        matches={matches?.size ?? 0}
        areMatchesOnly={areMatchesOnly}
        onMatchesOnly={setMatchesOnly}
        onStep={step}
      />
      <Minimap trace={trace} width={Math.max(1, width - 18)} range={range} onRange={setRange} colorOf={colorOf} />
      <SpanTree
        {...{ trace, visible, collapsed, active, opened, matches, range, path, colorOf, width, height }}
        onCollapse={collapse}
        onActive={setActive}
        onOpen={setOpened}
      />
      {openSpan !== undefined && (
        <SpanDetailsPane
          trace={trace}
          span={openSpan}
          context={context}
          onClose={() => setOpened(undefined)}
          hasSpan={(id) => positionOf(id) >= 0}
          onSpan={(id) => {
            show(positionOf(id));
            setOpened(positionOf(id));
          }}
        />
      )}
    </div>
  );
}

function withIds(before: ReadonlySet<string>, ids: readonly string[], isIn: boolean): ReadonlySet<string> {
  if (ids.every((id) => before.has(id) === isIn)) return before;
  const after = new Set(before);
  for (const id of ids) {
    if (isIn) after.add(id);
    else after.delete(id);
  }
  return after;
}

/** Returns the match after or before the active span; after the last match the first one follows. */
function nextMatch(matches: readonly number[], active: number, direction: 1 | -1): number | undefined {
  return direction === 1
    ? (matches.find((at) => at > active) ?? matches[0])
    : (matches.findLast((at) => at < active) ?? matches.at(-1));
}
