import type { Dashboard, Lookup, ResolvedTimeRange, SourceListing } from "@narthex/dashboards";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { useSearchParams } from "react-router";
import type { MarkSwitch } from "../annotations/use-annotations.ts";
import { useMarks } from "../annotations/use-marks.ts";
import { managerOf, plotServers } from "./panel-servers.ts";

/** Kinds of marks on time axes. The URL parameter that switches marks on and off has the same name. */
export type MarkKind = "alerts" | "silences";

interface AlertMarksInput {
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

/** An open dashboard on whose time axes alerts and silences are marked. */
export interface WatchedPage extends Pick<AlertMarksInput, "dashboard" | "sources" | "lookup" | "scheme"> {
  readonly servers: readonly SourceListing[];
  readonly manager: SourceListing | undefined;
  readonly shown: ReadonlySet<MarkKind>;
}

const allKinds: readonly MarkKind[] = ["alerts", "silences"];
const names: Readonly<Record<MarkKind, string>> = { alerts: "Alerts", silences: "Silences" };
const texts: Readonly<Record<MarkKind, string>> = {
  alerts: "Shows below each plot when the alerts on its metrics were pending or firing. A mark opens the alert.",
  silences: "Shows below each plot when silences suppressed the notifications of its alerts. A mark opens the silence.",
};

/**
 * Requests alerts and silences to mark on a dashboard with Prometheus data, when the browser is idle. The marks are
 * shown by default if an Alertmanager is known; URL parameters override this default.
 */
export function useAlertMarks(input: AlertMarksInput): readonly MarkSwitch[] {
  const { dashboard, sources, lookup, isReady, range, now, scheme } = input;
  const [params, setParams] = useSearchParams();
  const client = useQueryClient();
  const [code, setCode] = useState<typeof import("./page-alerts.ts") | null>(null);
  const servers = useMemo(() => plotServers(dashboard.panels, sources, lookup), [dashboard, sources, lookup]);
  const manager = managerOf(servers[0], sources);
  const isOn = (kind: MarkKind): boolean => (params.get(kind) ?? String(manager !== undefined)) !== "false";
  const kinds: readonly MarkKind[] =
    servers.length === 0 ? [] : manager === undefined ? ["alerts"] : ["alerts", "silences"];
  const shown = kinds.filter(isOn).join(" ");
  const isWanted = isReady && shown !== "";
  useEffect(() => {
    if (!isWanted || code !== null) return;
    const control = new AbortController();
    whenIdle(control.signal, async () => {
      const loaded = await import("./page-alerts.ts");
      if (!control.signal.aborted) setCode(loaded);
    });
    return () => control.abort();
  }, [isWanted, code]);
  const requests = useMemo(() => {
    const kindsShown = new Set(shown.split(" ").filter((kind): kind is MarkKind => kind in names));
    const page = { dashboard, sources, servers, manager, lookup, scheme, shown: kindsShown };
    return allKinds.map((kind) => {
      const isWaiting = code === null || !isReady || !kindsShown.has(kind);
      return { name: kind, request: isWaiting ? undefined : code.alertMarksRequest(client, kind, page, now) };
    });
  }, [code, client, isReady, shown, dashboard, sources, servers, manager, lookup, scheme, now]);
  const marksOf = useMarks({ key: "marks of alerts", requests, isReady, range, now });
  return kinds.map((kind) => ({
    name: names[kind],
    about: texts[kind],
    isShown: isOn(kind),
    ...marksOf(kind),
    toggle: () =>
      setParams(
        (before) => {
          const next = new URLSearchParams(before);
          next.set(kind, String(!isOn(kind)));
          return next;
        },
        { replace: true },
      ),
  }));
}

/** Calls a function when the browser is idle. If the signal aborts earlier, the function is not called. */
function whenIdle(signal: AbortSignal, begin: () => Promise<void>): void {
  // Safari has no requestIdleCallback, so the function is called immediately.
  if (typeof requestIdleCallback !== "function") return void begin();
  const waiting = requestIdleCallback(() => void begin(), { timeout: 3000 });
  signal.addEventListener("abort", () => cancelIdleCallback(waiting));
}
