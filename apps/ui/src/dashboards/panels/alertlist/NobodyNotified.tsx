import { hasFeature, type SourceListing } from "@narthex/dashboards";
import { NO_INTEGRATIONS, ReceiverInstructions } from "../../../alertmanager/NobodyNotified.tsx";
import { alertmanagerAt, notifiesNobody } from "../../../api/alertmanager.ts";
import type { AlertmanagersData } from "../../../api/prometheus.ts";
import { call } from "../../../api/request.ts";
import { managerOf } from "../../data/alerts/panel-servers.ts";
import { useHostDashboard, useHostQuery } from "../../data/host-dashboard.ts";
import { proxyUrl } from "../../data/source-proxy.ts";
import { PanelMessage } from "../scrolling/ScrollingPanel.tsx";
import { alertSources } from "./listed-rules.ts";

/** Returns the reason why the alerts of a server lead to no notification. Undefined if they do. */
async function reasonOf(
  server: SourceListing,
  sources: readonly SourceListing[],
  signal: AbortSignal,
): Promise<string | undefined> {
  const url = `${proxyUrl(server.uid)}/api/v1/alertmanagers`;
  const { data } = await call<AlertmanagersData>(url, { signal });
  if (data.activeAlertmanagers.length === 0) return `${server.name} sends alerts to no Alertmanager.`;
  const manager = managerOf(server, sources);
  if (manager === undefined) return undefined;
  return notifiesNobody(await alertmanagerAt(proxyUrl(manager.uid)).receivers(signal)) ? NO_INTEGRATIONS : undefined;
}

/** A notice that the listed alerts lead to no notification. Hidden if this is not known. */
export function NobodyNotified({ named }: { named: string }) {
  const { sources } = useHostDashboard();
  const { data } = useHostQuery(["nobody is notified", named, sources.map(({ uid }) => uid)], async (signal) => {
    const servers = alertSources(named, sources).filter((source) => hasFeature(source, "rules"));
    const reasons = await Promise.allSettled(servers.map((server) => reasonOf(server, sources, signal)));
    return reasons.flatMap((one) => (one.status === "fulfilled" ? (one.value ?? []) : []))[0] ?? null;
  });
  if (data == null) return null;
  return (
    <PanelMessage>
      Nobody is notified of alerts. {data} <ReceiverInstructions />
    </PanelMessage>
  );
}
