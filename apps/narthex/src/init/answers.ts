/** A job to scrape in addition to those of the stack. */
export interface JobAnswer {
  readonly name: string;
  readonly scheme: "http" | "https";
  /** `host:port` of each target. */
  readonly targets: readonly string[];
  readonly path: string;
}

/** A secret: the path of an existing file, or a text that is written to a new one. */
export type SecretAnswer = { readonly file: string } | { readonly text: string };

/** Recipients of mail, and the server that sends it. */
export interface MailAnswer {
  readonly to: readonly string[];
  /** `host:port`. */
  readonly server: string;
  readonly from: string;
  /** Login at the mail server; undefined if none is needed. */
  readonly login: { readonly user: string; readonly password: SecretAnswer } | undefined;
  /** Whether mail is sent over TLS only. */
  readonly requireTls: boolean;
}

/** Slack webhook and channel for alerts. */
export interface SlackAnswer {
  readonly webhook: SecretAnswer;
  /** "" for the webhook's default channel. */
  readonly channel: string;
}

/** Answers that `narthex init` writes a configuration from. */
export interface Answers {
  /** Whether this host is monitored. */
  readonly host: boolean;
  readonly jobs: readonly JobAnswer[];
  readonly mail: MailAnswer | undefined;
  readonly slack: SlackAnswer | undefined;
  /** The --port-offset of `up`. */
  readonly portOffset: number;
}

/** The stack's own jobs, which `init` writes in addition to those of the answers. */
export const OWN_JOBS: readonly string[] = ["prometheus", "alertmanager", "pushgateway", "dashboards", "node"];
