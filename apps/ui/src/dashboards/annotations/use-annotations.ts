import type { AnnotationQuery, Dashboard, Lookup, ResolvedTimeRange } from "@narthex/dashboards";
import { useEffect, useMemo, useState } from "react";
import type { SourceListing } from "../query/ask-panel.ts";
import { type AnnotationData, AnnotationFeed, noMarks } from "./annotation-feed.ts";
import { annotationRequest } from "./annotation-request.ts";
import type { DashboardAnnotation } from "./dashboard-annotation.ts";

/** An annotation query of the dashboard, whether its marks are shown, and how it stands. */
export interface AnnotationState extends Pick<AnnotationData, "isLoading" | "error"> {
  readonly query: AnnotationQuery;
  readonly isShown: boolean;
}

export interface DashboardAnnotations {
  readonly states: readonly AnnotationState[];
  /** Of those that are shown, in the order of their times. */
  readonly marks: readonly DashboardAnnotation[];
  /** Shows the marks of a query, or hides them. @param at its place among the states */
  readonly toggle: (at: number) => void;
}

interface AnnotationInput {
  readonly dashboard: Dashboard;
  readonly sources: readonly SourceListing[];
  readonly lookup: Lookup;
  /** Whether the variables are filled that queries may name. */
  readonly isReady: boolean;
  readonly range: ResolvedTimeRange;
  readonly scheme: "light" | "dark";
}

const none: readonly AnnotationData[] = [];

/** The marks of an open dashboard's annotation queries. */
export function useAnnotations(input: AnnotationInput): DashboardAnnotations {
  const { dashboard, sources, lookup, isReady, range, scheme } = input;
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
        feed.ask(annotationRequest(query, { uid, sources, lookup, scheme }), range);
      } catch (error) {
        const text = error instanceof Error ? error.message : String(error);
        if (feed.data.error !== text) feed.fail(text);
      }
    });
  }, [queries, feeds, uid, sources, lookup, scheme, range, isReady, changed]);
  return useMemo(() => {
    const states = queries.map((query, at): AnnotationState & AnnotationData => ({
      ...(data[at] ?? noMarks),
      query,
      isShown: isOn(query, changed),
    }));
    return {
      states,
      marks: states.flatMap(({ isShown, marks }) => (isShown ? marks : [])).toSorted((a, b) => a.time - b.time),
      toggle: (at) => {
        const query = queries[at]!;
        setChanged((before) => new Map(before).set(query.name, !isOn(query, before)));
      },
    };
  }, [queries, data, changed]);
}

const isOn = ({ name, enable }: AnnotationQuery, changed: ReadonlyMap<string, boolean>): boolean =>
  changed.get(name) ?? enable;
