import { type Clock, FileBacked, type Logger, logOnChange } from "@narthex/runtime";
import type { ServerTerms } from "@narthex/tls";
import type { WatchedFile } from "./watched-file.ts";
import { loadWebConfig, type WebConfig, WebConfigError } from "./web-config.ts";

/**
 * Message if TLS settings are added to the web config file of a running server. TLS cannot be enabled while the server
 * runs, because its clients use either TLS or plain HTTP.
 */
const TLS_ADDED = "tls_server_config was added: TLS will be enabled at the next start; the other settings apply now";
const TLS_REMOVED =
  "tls_server_config was removed: TLS will be disabled at the next start; until then the last tls_server_config applies";

export interface WebConfigContext {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Callback with the reason if a change cannot be used, and with undefined after a later valid change. */
  readonly onProblem?: ((problem: string | undefined) => void) | undefined;
}

/** Provides the current web config file. If a changed file is invalid, the last valid content stays in use. */
export class WebConfigSource implements WatchedFile {
  readonly path: string;
  readonly #files: FileBacked<WebConfig>;
  readonly #startedWith: ServerTerms | undefined;
  /** TLS options of the last valid version of the file. */
  #terms: ServerTerms | undefined;
  #switched: string | undefined;
  #switches = 0;

  /** Reads the file. Throws WebConfigError. */
  constructor(path: string, { clock, logger, onProblem = () => undefined }: WebConfigContext) {
    this.path = path;
    const log = logOnChange(logger, "Reading the changed web config");
    const settle = ({ tls }: WebConfig): void => {
      this.#terms = tls ?? this.#terms;
      const isOn = this.#startedWith !== undefined;
      this.#switched = isOn === (tls !== undefined) ? undefined : isOn ? TLS_REMOVED : TLS_ADDED;
      if (this.#switched === undefined) {
        log.succeeded({ file: path });
      } else {
        this.#switches++;
        log.failed(`${path}: ${this.#switched}`, { file: path });
      }
      onProblem(this.#switched);
    };
    this.#files = new FileBacked({
      make: (read) => loadWebConfig(path, read),
      isRefusal: (error) => error instanceof WebConfigError,
      clock,
      onRefused: ({ message }) => {
        log.failed(message, { file: path, inForce: "the last good version" });
        onProblem(message);
      },
      onChanged: settle,
    });
    this.#startedWith = this.#files.current().tls;
    this.#terms = this.#startedWith;
  }

  current(): WebConfig {
    return this.#files.current();
  }

  get hasTls(): boolean {
    return this.#startedWith !== undefined;
  }

  /** Returns the TLS options for the next connection, if the server uses TLS. */
  terms(): ServerTerms {
    this.#files.current();
    return this.#terms!;
  }

  get refusals(): number {
    return this.#files.refusals + this.#switches;
  }

  problem(): string | undefined {
    this.#files.current();
    return this.#files.refusal?.message ?? this.#switched;
  }
}
