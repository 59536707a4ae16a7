/** A scrape job that the user adds to the stack's own jobs. */
export interface JobAnswer {
  readonly name: string;
  readonly scheme: "http" | "https";
  /** Targets in the form `host:port`. */
  readonly targets: readonly string[];
  readonly path: string;
}

/** A secret: the path of an existing file, or a text that `init` writes to a new file. */
export type SecretAnswer = { readonly file: string } | { readonly text: string };

/** Recipients of mail, and the server that sends it. */
export interface MailAnswer {
  readonly to: readonly string[];
  /** Mail server in the form `host:port`. */
  readonly server: string;
  readonly from: string;
  /** Login for the mail server; undefined if it needs none. */
  readonly login: { readonly user: string; readonly password: SecretAnswer } | undefined;
  /** Whether mail is sent only over TLS. */
  readonly requireTls: boolean;
}

/** Slack webhook and channel that receive alerts. */
export interface SlackAnswer {
  readonly webhook: SecretAnswer;
  /** Name of the channel; empty for the webhook's default channel. */
  readonly channel: string;
}

/** Answers from which `narthex init` writes a configuration. */
export interface Answers {
  /** Whether to monitor the host on which the stack runs. */
  readonly host: boolean;
  readonly jobs: readonly JobAnswer[];
  readonly mail: MailAnswer | undefined;
  readonly slack: SlackAnswer | undefined;
  /** Value of `narthex up --port-offset`. */
  readonly portOffset: number;
}

/** Names of the stack's own jobs. The configuration contains these jobs in addition to the jobs in the answers. */
export const OWN_JOBS: readonly string[] = ["prometheus", "alertmanager", "pushgateway", "dashboards", "node"];
