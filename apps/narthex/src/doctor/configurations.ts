import type { AlertmanagerConfig } from "@narthex/alertmanager-config";
import type { ConfigFiles, PrometheusConfig } from "@narthex/config";
import type { Host } from "@narthex/runtime";
import { readAlertmanager } from "../config-check/alertmanager-problems.ts";
import { type ConfigVerdict, readPrometheus } from "../config-check/prometheus-problems.ts";
import type { RoleSubject, Subject } from "./subject/subject.ts";

export interface ReadConfiguration<C> {
  readonly role: RoleSubject;
  readonly file: string;
  readonly verdict: ConfigVerdict<C>;
}

export interface Configurations {
  readonly prometheus: readonly ReadConfiguration<PrometheusConfig>[];
  readonly alertmanager: readonly ReadConfiguration<AlertmanagerConfig>[];
}

/** Reads the configuration files of all servers, and every file that they name. */
export async function readConfigurations(
  { roles }: Subject,
  host: Pick<Host, "env" | "clock">,
  files: ConfigFiles,
): Promise<Configurations> {
  const prometheus: ReadConfiguration<PrometheusConfig>[] = [];
  const alertmanager: ReadConfiguration<AlertmanagerConfig>[] = [];
  for (const role of roles) {
    if (role.prometheus !== undefined) {
      const { file, features, isAgent = false } = role.prometheus;
      prometheus.push({ role, file, verdict: await readPrometheus(file, { host, files, features, agent: isAgent }) });
    }
    if (role.alertmanager !== undefined) {
      const { file, features } = role.alertmanager;
      const verdict = await readAlertmanager(file, { host, files, features: features.join(",") });
      alertmanager.push({ role, file, verdict });
    }
  }
  return { prometheus, alertmanager };
}
