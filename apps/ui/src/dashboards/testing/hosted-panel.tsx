import { linkAddress, readSource } from "@narthex/dashboards";
import type { ReactNode } from "react";
import { fieldViews } from "../data/panel/field-views.ts";
import { type HostDashboard, HostDashboardContext } from "../data/host-dashboard.ts";
import type { PanelModule } from "../contracts/panel-kind.ts";
import { plotTheme } from "../../plot/plot-theme.ts";

/** End of the time range of the tested panels: 2026-01-01, 12:00 UTC. */
export const REFRESHED = Date.UTC(2026, 0, 1, 12);

/**
 * Renders a panel that sends its own requests, as part of a dashboard that shows the last hour in UTC and has the
 * variable `$team`.
 */
export function hostedPanel({ Panel }: PanelModule, options: object, host: Partial<HostDashboard> = {}): ReactNode {
  const { dashboard } = readSource({ panels: [{ id: 1, type: "x", title: "", options: {} }] });
  const panel = { ...dashboard.panels[0]!, options: options as Record<string, unknown> };
  const range = { from: REFRESHED - 3_600_000, to: REFRESHED };
  const around = { raw: { from: "now-1h", to: "now" }, states: new Map(), lookup: () => undefined };
  const context = {
    theme: plotTheme("dark"),
    zone: "UTC",
    now: REFRESHED,
    range,
    onZoom: () => undefined,
    syncKey: undefined,
    annotations: [],
    onMarks: () => undefined,
    onAnnotate: undefined,
    isTooltipShared: false,
    fill: (text: string) => text.replaceAll("$team", "storage"),
    ...fieldViews([], { scheme: "dark", zone: "UTC", now: REFRESHED, lookup: () => undefined }),
  };
  const known: HostDashboard = {
    uid: "own",
    sources: [],
    now: REFRESHED,
    range,
    linkTo: (url, along) => linkAddress({ url, ...along }, around),
    ...host,
  };
  return (
    <HostDashboardContext value={known}>
      <Panel panel={panel} frames={[]} width={400} height={300} context={context} />
    </HostDashboardContext>
  );
}
