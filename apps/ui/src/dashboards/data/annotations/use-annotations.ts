import type { AnnotationQuery, Dashboard, Lookup, ResolvedTimeRange, SourceListing } from "@narthex/dashboards";
import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useMemo, useState } from "react";
import { UniqueKeys } from "../../../format/unique-keys.ts";
import { annotationRequest } from "./annotation-request.ts";
import { type AnnotationData, type NamedRequest, useMarks } from "./use-marks.ts";
import type { DashboardAnnotation } from "../../contracts/dashboard-annotation.ts";

/** Marks that are shown and hidden together, with the state of their switch. */
export interface MarkSwitch extends AnnotationData {
  readonly name: string;
  readonly isShown: boolean;
  readonly isHidden?: boolean;
  /** Describes the marks that the switch shows and hides. */
  readonly about?: string;
  readonly toggle: () => void;
}

export interface DashboardAnnotations {
  readonly switches: readonly MarkSwitch[];
  /** Requests the annotations again. Call it after a user has changed an annotation. */
  readonly reload: () => void;
}

interface AnnotationInput {
  readonly dashboard: Dashboard;
  readonly sources: readonly SourceListing[];
  readonly lookup: Lookup;
  /** Whether the values of all variables are loaded. */
  readonly isReady: boolean;
  readonly range: ResolvedTimeRange;
  /** Time of the last refresh, epoch ms. */
  readonly now: number;
  readonly scheme: "light" | "dark";
}

const KEY = "annotations";

/** Returns the annotations that the queries of an open dashboard return. */
export function useAnnotations(input: AnnotationInput): DashboardAnnotations {
  const { dashboard, sources, lookup, isReady, range, now, scheme } = input;
  const { annotations: queries, uid } = dashboard;
  const [changed, setChanged] = useState<ReadonlyMap<string, boolean>>(new Map());
  const client = useQueryClient();
  const names = useMemo(() => uniqueNames(queries), [queries]);
  const requests = useMemo(
    () =>
      queries.map((query, at): NamedRequest => {
        const name = names[at]!;
        if (!isReady || !isOn(query, changed)) return { name, request: undefined };
        try {
          return { name, request: annotationRequest(query, { uid, sources, lookup, scheme }) };
        } catch (error) {
          return { name, request: error instanceof Error ? error.message : String(error) };
        }
      }),
    [queries, names, uid, sources, lookup, scheme, isReady, changed],
  );
  const marksOf = useMarks({ key: KEY, requests, isReady, range, now });
  const switches = queries.map((query, at): MarkSwitch => ({
    ...marksOf(names[at]!),
    name: query.name,
    isShown: isOn(query, changed),
    isHidden: query.hide,
    toggle: () => setChanged((before) => new Map(before).set(query.name, !isOn(query, before))),
  }));
  const reload = useCallback(() => {
    // Running requests are cancelled, because their answers may lack the user's change.
    const canceled = client.cancelQueries({ queryKey: [KEY] });
    void canceled.then(() => client.invalidateQueries({ queryKey: [KEY] }));
  }, [client]);
  return { switches, reload };
}

function uniqueNames(queries: readonly AnnotationQuery[]): readonly string[] {
  const keys = new UniqueKeys();
  return queries.map(({ name }) => keys.next(name));
}

/**
 * Returns the visible marks on the time axes, ordered by time. The returned list is the same object until new data
 * arrives, so that React need not render panels again.
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
