import type { AnnotationQuery, Dashboard, Lookup, ResolvedTimeRange } from "@narthex/dashboards";
import { useCallback, useEffect, useMemo, useState } from "react";
import type { SourceListing } from "../panel-queries.ts";
import { type AnnotationData, AnnotationFeed, noMarks } from "./annotation-feed.ts";
import { annotationRequest } from "./annotation-request.ts";
import type { DashboardAnnotation } from "../../contracts/dashboard-annotation.ts";

/** Marks that one toggle shows and hides, with the state of the toggle. */
export interface MarkSwitch extends AnnotationData {
  readonly name: string;
  readonly isShown: boolean;
  readonly isHidden?: boolean;
  readonly toggle: () => void;
}

export interface DashboardAnnotations {
  readonly switches: readonly MarkSwitch[];
  /** Requests the marks again after a user has created or changed one. */
  readonly reload: () => void;
}

interface AnnotationInput {
  readonly dashboard: Dashboard;
  readonly sources: readonly SourceListing[];
  readonly lookup: Lookup;
  /** Whether all variables that annotation queries may contain have values. */
  readonly isReady: boolean;
  readonly range: ResolvedTimeRange;
  /** Time of the last refresh, epoch ms. */
  readonly now: number;
  readonly scheme: "light" | "dark";
}

const none: readonly AnnotationData[] = [];

/** Returns the marks of an open dashboard's annotation queries. */
export function useAnnotations(input: AnnotationInput): DashboardAnnotations {
  const { dashboard, sources, lookup, isReady, range, now, scheme } = input;
  const { annotations: queries, uid } = dashboard;
  const [changed, setChanged] = useState<ReadonlyMap<string, boolean>>(new Map());
  const [data, setData] = useState(none);
  const feeds = useMemo(() => {
    const all = queries.map(() => new AnnotationFeed(() => setData(all.map((feed) => feed.data))));
    return all;
  }, [queries]);
  useEffect(() => () => feeds.forEach((feed) => feed.close()), [feeds]);
  useEffect(() => {
    if (!isReady) return;
    queries.forEach((query, at) => {
      const feed = feeds[at]!;
      if (!isOn(query, changed)) return feed.close();
      try {
        feed.request(annotationRequest(query, { uid, sources, lookup, scheme }), range, now);
      } catch (error) {
        const text = error instanceof Error ? error.message : String(error);
        if (feed.data.error !== text) feed.fail(text);
      }
    });
  }, [queries, feeds, uid, sources, lookup, scheme, range, now, isReady, changed]);
  const switches = useMemo(
    () =>
      queries.map((query, at): MarkSwitch => ({
        ...(data[at] ?? noMarks),
        name: query.name,
        isShown: isOn(query, changed),
        isHidden: query.hide,
        toggle: () => setChanged((before) => new Map(before).set(query.name, !isOn(query, before))),
      })),
    [queries, data, changed],
  );
  const reload = useCallback(() => feeds.forEach((feed) => feed.renew()), [feeds]);
  return useMemo(() => ({ switches, reload }), [switches, reload]);
}

/**
 * Returns the marks that are switched on, ordered by time. The list stays the same object until a new answer arrives,
 * so that panels are not drawn again without a reason.
 */
export function useShownMarks(switches: readonly MarkSwitch[]): readonly DashboardAnnotation[] {
  const lists = switches.flatMap(({ isShown, marks }) => (isShown && marks.length > 0 ? [marks] : []));
  const [kept, setKept] = useState({ lists, marks: inOrder(lists) });
  if (kept.lists.length === lists.length && lists.every((list, at) => list === kept.lists[at])) return kept.marks;
  const next = { lists, marks: inOrder(lists) };
  setKept(next);
  return next.marks;
}

const inOrder = (lists: readonly (readonly DashboardAnnotation[])[]): readonly DashboardAnnotation[] =>
  lists.flat().toSorted((a, b) => a.time - b.time);

const isOn = ({ name, enable }: AnnotationQuery, changed: ReadonlyMap<string, boolean>): boolean =>
  changed.get(name) ?? enable;
