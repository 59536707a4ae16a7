import { MonitorManager, type MonitorManagerOptions, type MonitorStatus } from "@narthex/discovery";
import { family, sample } from "@narthex/exposition";
import type { Context } from "../context.ts";

type Around = Omit<MonitorManagerOptions, "onJobs" | "onStatus">;

const STATES = ["accepted", "refused", "waiting"] as const;

/**
 * Creates the manager that reads monitor objects of Kubernetes (`kubernetes_monitor_configs`). The scrape jobs that
 * they define are added to the jobs of the configuration file.
 */
export function openMonitors({ configuration, metrics, notices }: Context, around: Around): MonitorManager {
  let notice = "";
  const manager = new MonitorManager({
    ...around,
    onJobs: (jobs) => configuration.setFoundJobs(jobs),
    onStatus: (monitors) => {
      const next = noticeOf(monitors);
      if (next === notice) return;
      if (notice !== "") notices.remove(notice);
      if (next !== "") notices.add(next);
      notice = next;
    },
  });
  metrics.addAlwaysShown(() => monitorFamilies(manager.monitors));
  return manager;
}

/** Returns the text of the UI's notice about refused monitors. Empty if all monitors are accepted. */
function noticeOf(monitors: readonly MonitorStatus[]): string {
  const [first, ...others] = monitors.filter(({ state }) => state === "refused");
  if (first === undefined) return "";
  const more = others.length === 0 ? "" : ` (${others.length} more: /api/v1/narthex/kubernetes-monitors)`;
  const cluster = first.cluster === "" ? "" : `@${first.cluster}`;
  return `${first.kind} ${first.namespace}/${first.name}${cluster} is refused: ${first.error}${more}`;
}

function monitorFamilies(monitors: readonly MonitorStatus[]) {
  if (monitors.length === 0) return [];
  const samples = [...Map.groupBy(monitors, ({ kind }) => kind)].flatMap(([kind, ofKind]) =>
    STATES.map((state) => sample(ofKind.filter((monitor) => monitor.state === state).length, { kind, state })),
  );
  return [family("gauge", "narthex_kubernetes_monitors", "Kubernetes monitors that are read, by result.", samples)];
}
