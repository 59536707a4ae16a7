/** An alert in the response of Alertmanager's API, version 2. Times in this API are RFC 3339. */

export interface ApiAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly generatorURL?: string;
  readonly status: { readonly state: string };
  readonly fingerprint: string;
}

export interface NewAcknowledgement {
  readonly createdBy: string;
  readonly comment: string;
  /** Whether to replace the acknowledgement of another person. */
  readonly replace: boolean;
}

export interface ApiAcknowledgement {
  readonly fingerprint: string;
  readonly createdBy: string;
  readonly comment: string;
  readonly createdAt: string;
  /** Labels of the alert, if the Alertmanager knows the alert. */
  readonly labels?: Readonly<Record<string, string>>;
}

export interface NewAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAt?: string;
  readonly endsAt?: string;
  readonly generatorURL?: string;
}

export interface ApiMatcher {
  readonly name: string;
  readonly value: string;
  readonly isRegex: boolean;
  /** Whether the matcher compares for equality. Absent means true. */
  readonly isEqual?: boolean;
}

export interface NewSilence {
  readonly id?: string;
  readonly matchers: readonly ApiMatcher[];
  readonly startsAt: string;
  readonly endsAt: string;
  readonly createdBy: string;
  readonly comment: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface ApiSilence extends NewSilence {
  readonly id: string;
  readonly updatedAt: string;
  readonly status: { readonly state: string };
}

export interface ApiStatus {
  readonly cluster: {
    readonly status: string;
    readonly name?: string;
    readonly peers?: readonly { readonly name: string; readonly address: string }[];
  };
  readonly config: { readonly original: string };
  readonly uptime: string;
  readonly versionInfo: {
    readonly version: string;
    readonly revision: string;
    readonly branch: string;
    readonly buildUser: string;
    readonly buildDate: string;
    readonly goVersion: string;
  };
}

/** One attempt to send a notification to a receiver, as the notification history contains it. */
interface ApiAttempt {
  readonly at: string;
  readonly durationSeconds: number;
  readonly outcome: string;
  readonly reason?: string;
}

export interface ApiNotification {
  readonly id: string;
  readonly at: string;
  readonly outcome: string;
  readonly error?: string;
  readonly reason: string;
  readonly receiver: { readonly name: string };
  readonly integration: { readonly name: string; readonly index: number };
  readonly groupKey: string;
  readonly groupLabels: Readonly<Record<string, string>>;
  readonly alertCount: number;
  readonly attemptCount: number;
  readonly attempts: readonly ApiAttempt[];
}

/** Explains whether a notification for an alert was sent, and why. */
export interface ApiExplanation {
  readonly fingerprint: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly known: boolean;
  readonly state: string;
  readonly sentences: readonly string[];
  readonly refusals: readonly string[];
}

export interface ApiTestResult {
  readonly integration: { readonly name: string; readonly index: number };
  readonly outcome: string;
  readonly reason?: string;
  readonly retried?: boolean;
  readonly durationSeconds: number;
}

/** A rendered template. */
export interface ApiPreview {
  readonly template: string;
  readonly html: boolean;
  readonly output: string;
}

/** A rule of recurring silences, as it is posted to the API. */
export interface NewRecurringSilence {
  readonly matchers: readonly ApiMatcher[];
  /** Time intervals as in the configuration file. A string is parsed as YAML. */
  readonly timeIntervals: readonly unknown[];
  readonly createdBy: string;
  readonly comment: string;
}

export interface ApiRecurringSilence extends NewRecurringSilence {
  readonly id: string;
  readonly createdAt: string;
  readonly next: readonly ApiOccurrence[];
}

export interface ApiOccurrence {
  readonly startsAt: string;
  readonly endsAt: string;
}
