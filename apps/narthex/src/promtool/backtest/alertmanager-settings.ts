import { readSilences, type Silence, SilenceListError } from "@narthex/alerting";
import { type AlertmanagerConfig, configSection } from "@narthex/alertmanager-config";
import type { BacktestAlertmanager } from "@narthex/backtest";
import { decodeYaml, formatProblem, SourceError } from "@narthex/config";
import { createLogger, type Host } from "@narthex/runtime";
import { hostFiles } from "../host-files.ts";
import { BacktestError } from "./backtest-error.ts";
import type { BacktestFlags } from "./backtest-flags.ts";
import type { ServerSettings } from "./server-settings.ts";

/** Reads the Alertmanager's files. Resolves with undefined if none is named. Throws BacktestError. */
export async function readAlertmanager(
  host: Host,
  values: BacktestFlags,
  { alertRelabelConfigs }: ServerSettings,
): Promise<BacktestAlertmanager | undefined> {
  const { silences, "alertmanager.config": file } = values;
  if (file === "" && silences === "") return undefined;
  if (file === "") throw new BacktestError("--silences needs --alertmanager.config");
  const write = (line: string): void => host.stderr(line);
  return {
    alertmanager: await readConfig(host, file),
    silences: silences === "" ? [] : await readSilencesFile(host, silences),
    alertRelabelConfigs,
    resendDelayMs: values["rules.alert.resend-delay"],
    logger: createLogger({ level: "error", format: "logfmt", clock: host.clock, write }),
  };
}

async function readConfig(host: Host, file: string): Promise<AlertmanagerConfig> {
  const shape = configSection({ mode: "fallback", warn: (message) => host.stderr(`${file}: ${message}\n`) });
  const decoded = decodeYaml(await readText(host, file), file, shape, { environment: host.env });
  if (!decoded.ok) throw new BacktestError(decoded.problems.map(formatProblem).join("\n"));
  return decoded.value;
}

async function readSilencesFile(host: Host, file: string): Promise<readonly Silence[]> {
  try {
    return readSilences(await readText(host, file));
  } catch (cause) {
    if (!(cause instanceof SilenceListError)) throw cause;
    throw new BacktestError(`${file}: ${cause.message}`, { cause });
  }
}

async function readText(host: Host, file: string): Promise<string> {
  try {
    return await hostFiles(host).read(file);
  } catch (cause) {
    if (!(cause instanceof SourceError)) throw cause;
    throw new BacktestError(cause.message, { cause });
  }
}
