/** A job to scrape, beside those of the stack itself. */
export interface JobAnswer {
  readonly name: string;
  readonly scheme: "http" | "https";
  /** `host:port` each. */
  readonly targets: readonly string[];
  readonly path: string;
}

/** A secret: in a file that is there, or a text that is put into one. */
export type SecretAnswer = { readonly file: string } | { readonly text: string };

/** Who gets mail, and through which server. */
export interface MailAnswer {
  readonly to: readonly string[];
  /** `host:port`. */
  readonly server: string;
  readonly from: string;
  /** Who signs in at the server; undefined where nobody has to. */
  readonly login: { readonly user: string; readonly password: SecretAnswer } | undefined;
  /** Is mail sent over TLS only? */
  readonly requireTls: boolean;
}

/** Where in Slack alerts are told. */
export interface SlackAnswer {
  readonly webhook: SecretAnswer;
  /** "" for the channel that the webhook is made for. */
  readonly channel: string;
}

/** What `narthex init` knows of the stack that is to be configured. */
export interface Answers {
  /** Is this host watched? */
  readonly host: boolean;
  readonly jobs: readonly JobAnswer[];
  readonly mail: MailAnswer | undefined;
  readonly slack: SlackAnswer | undefined;
  /** What `up` is given as --port-offset. */
  readonly portOffset: number;
}

/** The jobs of the stack itself, which `init` writes beside those that are answered. */
export const OWN_JOBS: readonly string[] = ["prometheus", "alertmanager", "pushgateway", "dashboards", "node"];
