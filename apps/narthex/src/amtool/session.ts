import { FeatureFlagError, readFeatureFlags } from "@narthex/alertmanager-app";
import type { MatcherMode } from "@narthex/alerting";
import type { FlagTable, FlagValues, Host, Logger } from "@narthex/runtime";
import { createLogger } from "@narthex/runtime";
import { GoTime, parseLayout } from "@narthex/template";
import type { Call } from "../command-line/command.ts";
import { CommandError, FatalCommandError } from "../command-line/command.ts";
import { AlertmanagerClient } from "./alertmanager-client.ts";
import type { globalFlags } from "./global-flags.ts";

export type GlobalValues = FlagValues<typeof globalFlags>;

export class Session {
  readonly host: Host;
  readonly settings: GlobalValues;
  readonly mode: MatcherMode;
  /** Logger for warnings and, with --verbose, other lines. Prints on stdout, as the original amtool does. */
  readonly logger: Logger;
  #client: AlertmanagerClient | undefined;

  private constructor(host: Host, settings: GlobalValues) {
    this.host = host;
    this.settings = settings;
    const level = settings.verbose ? "debug" : "info";
    this.logger = createLogger({ level, format: "logfmt", clock: host.clock, write: (line) => host.stdout(line) });
    this.mode = this.#readMode(settings["enable-feature"]);
  }

  static open(host: Host, call: Call<FlagTable>): Session {
    return new Session(host, call.values as unknown as GlobalValues);
  }

  /**
   * Returns the API client for the Alertmanager in the flags. With `version-check`, the first call compares the
   * Alertmanager's version with the version of this amtool. Throws CommandError if no URL is set.
   */
  async client(): Promise<AlertmanagerClient> {
    if (this.#client !== undefined) return this.#client;
    const url = this.settings["alertmanager.url"];
    if (url === "") throw new FatalCommandError("required flag --alertmanager.url not provided");
    const client = await AlertmanagerClient.connect(url, {
      httpConfigFile: this.settings["http.config.file"],
      timeoutMs: this.settings.timeout,
    });
    this.#client = client;
    if (this.settings["version-check"]) {
      const warning = await client.versionWarning();
      if (warning !== undefined) this.host.stderr(`${warning}\n`);
    }
    return client;
  }

  #readMode(features: string): MatcherMode {
    try {
      return readFeatureFlags(features, (message) => this.logger.warn(message)).mode;
    } catch (error) {
      if (!(error instanceof FeatureFlagError)) throw error;
      throw new CommandError(`error parsing the feature flag list: ${error.message}`, { cause: error });
    }
  }

  print(text: string): void {
    this.host.stdout(`${text}\n`);
  }

  /** Formats a time of the API in the format of --date.format. */
  showTime(text: string | undefined): string {
    const parsed = text === undefined ? undefined : parseLayout("2006-01-02T15:04:05Z07:00", text);
    const time = parsed === undefined ? GoTime.ZERO : new GoTime(parsed.unixNanos, parsed.zone);
    return time.format(this.settings["date.format"]);
  }

  async close(): Promise<void> {
    await this.#client?.close();
  }
}
