import type { Workplace } from "./workplace.ts";

/**
 * Command line of the dashboards on a port of this machine, with all their data in the folders `state` and
 * `provisioning` of a workplace.
 * @param settings additional settings, such as `auth.anonymous.org_role=Admin`
 */
export const dashboardsArguments = (
  workplace: Workplace,
  port: number,
  settings: readonly string[] = ["auth.anonymous.enabled=true"],
): readonly string[] => [
  "dashboards",
  "cfg:server.http_addr=127.0.0.1",
  `cfg:server.http_port=${port}`,
  `cfg:paths.data=${workplace.path("state")}`,
  `cfg:paths.provisioning=${workplace.path("provisioning")}`,
  ...settings.map((setting) => `cfg:${setting}`),
];
