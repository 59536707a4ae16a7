import {
  field,
  flag,
  type HttpClientConfig,
  httpClientSection,
  INVALID,
  mapOf,
  optional,
  section,
  type Section,
  type SigV4Config,
  sigv4Section,
  text,
  urlText,
} from "@narthex/config";
import type { IntegrationConfig } from "../receiver-kind.ts";

/** Settings of one entry of `sns_configs`. Texts are templates. One of topic, target and phone number is given. */
export interface SnsConfig extends IntegrationConfig {
  readonly httpConfig: HttpClientConfig | undefined;
  /** URL of the SNS API, or "" for the AWS endpoint of the region. */
  readonly apiUrl: string;
  readonly sigv4: SigV4Config;
  readonly topicArn: string;
  readonly phoneNumber: string;
  readonly targetArn: string;
  readonly subject: string;
  readonly message: string;
  readonly attributes: ReadonlyMap<string, string>;
  /** Selects one of Alertmanager's two HTTP clients. Has no effect, because this program has only one HTTP client. */
  readonly useAwsHttpClient: boolean;
}

type RawSns = Omit<SnsConfig, "place">;

export const snsSection: Section<SnsConfig> = section<RawSns, SnsConfig>(
  "sns.plain",
  {
    sendResolved: field("send_resolved", flag, true, true),
    httpConfig: optional("http_config", httpClientSection({ enableHttp2: true })),
    apiUrl: field("api_url", urlText, ""),
    sigv4: field("sigv4", sigv4Section, sigv4Section.empty(), true),
    topicArn: field("topic_arn", text, ""),
    phoneNumber: field("phone_number", text, ""),
    targetArn: field("target_arn", text, ""),
    subject: field("subject", text, '{{ template "sns.default.subject" . }}'),
    message: field("message", text, '{{ template "sns.default.message" . }}'),
    attributes: field("attributes", mapOf(text), new Map()),
    useAwsHttpClient: field("use_aws_http_client", flag, false),
  },
  (value, at, report) => {
    const goals = [value.topicArn, value.targetArn, value.phoneNumber].filter((goal) => goal !== "").length;
    // Accepts exactly one target or, like Alertmanager, all three kinds of targets, of which AWS then chooses one.
    if (goals % 2 === 1) return { ...value, place: at.self };
    const message = "must provide either a Target ARN, Topic ARN, or Phone Number for SNS config";
    report(at.self, "sns-goal", message, "give one of topic_arn, target_arn and phone_number");
    return INVALID;
  },
);
