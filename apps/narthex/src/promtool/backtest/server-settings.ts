import { isDeepStrictEqual } from "node:util";
import type { AlertingConfig } from "@narthex/config";
import { Labels, type RelabelRule } from "@narthex/model";
import type { Host } from "@narthex/runtime";
import { loadConfig } from "../check-config.ts";
import { CheckError } from "../config-references.ts";
import { hostFiles } from "../host-files.ts";
import { BacktestError } from "./backtest-error.ts";
import type { BacktestFlags } from "./backtest-flags.ts";

/** Settings of the server whose rules are replayed. */
export interface ServerSettings {
  readonly intervalMs: number;
  readonly queryOffsetMs: number;
  readonly externalLabels: Labels;
  readonly alertRelabelConfigs: readonly RelabelRule[];
}

type SettingsFlags = Pick<BacktestFlags, "config.file" | "eval-interval" | "external.label">;

/** Reads the server's settings from its configuration file and from flags. Throws BacktestError. */
export async function readServerSettings(host: Host, values: SettingsFlags): Promise<ServerSettings> {
  const own = values["external.label"];
  const file = values["config.file"];
  if (file === "")
    return {
      intervalMs: values["eval-interval"],
      queryOffsetMs: 0,
      externalLabels: Labels.of(own),
      alertRelabelConfigs: [],
    };
  const { global, alerting } = await configOf(host, file);
  return {
    intervalMs: global.evaluationIntervalMs,
    queryOffsetMs: global.ruleQueryOffsetMs,
    externalLabels: global.externalLabels.with(own),
    alertRelabelConfigs: [...alerting.alertRelabelConfigs, ...ofOneEntry(alerting, file)],
  };
}

async function configOf(host: Host, file: string) {
  try {
    return (await loadConfig(file, { host, files: hostFiles(host), agent: false, syntaxOnly: true })).config;
  } catch (cause) {
    if (!(cause instanceof CheckError)) throw cause;
    throw new BacktestError(cause.message, { cause });
  }
}

/** Returns the alert_relabel_configs of the entries of `alertmanagers`, which must be equal. */
function ofOneEntry({ alertmanagers }: AlertingConfig, file: string): readonly RelabelRule[] {
  const [first, ...others] = alertmanagers.map(({ alertRelabelConfigs }) => alertRelabelConfigs);
  const position = alertmanagers.find(({ alertRelabelConfigs: rules }) => !isDeepStrictEqual(rules, first))?.position;
  if (others.length > 0 && position !== undefined)
    throw new BacktestError(
      `${file}:${position.line}:${position.column}: the entries of alertmanagers have different alert_relabel_configs, and a backtest has one Alertmanager; use a copy of the file with one entry`,
    );
  return first ?? [];
}
