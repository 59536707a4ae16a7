import type { Workplace } from "./workplace.ts";

/**
 * The command line of the dashboards on a port of this machine, which keep all that is theirs in the folders `state` and
 * `provisioning` of a workplace.
 * @param settings further ones, as `auth.anonymous.org_role=Admin`
 */
export const dashboardsArguments = (
  place: Workplace,
  port: number,
  settings: readonly string[] = ["auth.anonymous.enabled=true"],
): readonly string[] => [
  "dashboards",
  "cfg:server.http_addr=127.0.0.1",
  `cfg:server.http_port=${port}`,
  `cfg:paths.data=${place.path("state")}`,
  `cfg:paths.provisioning=${place.path("provisioning")}`,
  ...settings.map((setting) => `cfg:${setting}`),
];
