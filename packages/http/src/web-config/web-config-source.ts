import { type Clock, FileBacked, type Logger, logOnChange } from "@narthex/runtime";
import type { ServerTerms } from "@narthex/tls";
import type { WatchedFile } from "./watched-file.ts";
import { loadWebConfig, type WebConfig, WebConfigError } from "./web-config.ts";

/** TLS cannot be switched on or off while a server listens, because its clients use one or the other. */
const TLS_ADDED = "tls_server_config was added: TLS is on from the next start, until then all the rest counts";
const TLS_REMOVED = "tls_server_config was taken away: TLS is off from the next start, until then the last one holds";

export interface WebConfigContext {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Called with the reason if a change cannot be used, and with undefined after a later valid change. */
  readonly onProblem?: ((problem: string | undefined) => void) | undefined;
}

/** The current web config file. If a later version cannot be used, the last valid one stays in force. */
export class WebConfigSource implements WatchedFile {
  readonly path: string;
  readonly #files: FileBacked<WebConfig>;
  readonly #startedWith: ServerTerms | undefined;
  /** The last valid terms. */
  #terms: ServerTerms | undefined;
  #switched: string | undefined;
  #switches = 0;

  /** Throws WebConfigError. */
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

  /** True if TLS is in force. */
  get hasTls(): boolean {
    return this.#startedWith !== undefined;
  }

  /** Returns the TLS terms of the next connection, if TLS is in force. */
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
