import { freePort } from "./ports.ts";
import { narthex, type Running } from "./running.ts";
import type { Workplace } from "./workplace.ts";

/** A running dashboards server, and its address. */
export interface DashboardsInstance {
  readonly running: Running;
  readonly base: string;
}

/**
 * Starts a dashboards server whose settings come from environment variables. The password of its admin is `secret`.
 * Does not wait until the server is ready.
 * @param name name of the data folder
 * @param settings additional environment variables
 */
export async function startDashboards(
  workplace: Workplace,
  name: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<DashboardsInstance> {
  const port = await freePort();
  const running = narthex(["dashboards", `--web.listen-address=127.0.0.1:${port}`], {
    env: {
      ...process.env,
      GF_PATHS_DATA: workplace.path(name),
      GF_PATHS_PROVISIONING: workplace.path("provisioning"),
      GF_PATHS_CONFIG: workplace.path("grafana.ini"),
      GF_SECURITY_ADMIN_PASSWORD: "secret",
      ...settings,
    },
  });
  return { running, base: `http://127.0.0.1:${port}` };
}
