import type { HttpClientConfig } from "@narthex/config";
import { awsEndpoint, type AwsEnvironment, configuredRegion, configuredSigner, XmlElement } from "@narthex/http";
import {
  PermanentError,
  deliveryFromAnswer,
  failureOf,
  hashGroupKey,
  retry,
  type Delivery,
} from "@narthex/notification";
import type { Attempt } from "../attempt.ts";
import { goQuery } from "../http/go-url.ts";
import { HttpPoster, isDelivery, type Answer } from "../http/http-poster.ts";
import { snsSection, type SnsConfig } from "./sns-section.ts";
import { httpConfigOf, withoutCredentials } from "../http/http-integration.ts";
import { defineReceiver, type SenderTools } from "../receiver-kind.ts";
import { isTemplateFault } from "../templates/renderer.ts";
import { firstBytes } from "../templates/truncate.ts";

const VERSION = "2010-03-31";

/** Maximum size of a message in bytes that SNS accepts, in general and for an SMS. */
const MAX_MESSAGE = 256 * 1024;
const MAX_SMS = 1600;

/** Matches SNS error codes with status 400 that mean a rate limit. */
const THROTTLED = /^(?:Throttl|RequestThrottled|TooManyRequests)/;

/** Sends to Amazon's Simple Notification Service: to topics, phone numbers and other targets with an ARN. */
export const sns = defineReceiver<SnsConfig>({
  key: "sns_configs",
  kind: "sns",
  section: snsSection,
  resolve: (config, globals) => ({ ...config, httpConfig: httpConfigOf(config.httpConfig, globals) }),
  async open(config, tools) {
    const topics = new Topics(config, tools);
    return {
      send: async (attempt) => {
        const url = field(attempt, "api_url", config.apiUrl);
        const form = publication(config, attempt);
        return topics.publish(url, form, attempt);
      },
      close: () => topics.close(),
    };
  },
});

interface Opened {
  readonly poster: HttpPoster;
  readonly region: string;
}

/**
 * Sends messages to Amazon SNS. The region and the credentials are read when the first message is sent.
 */
class Topics {
  readonly #config: SnsConfig;
  readonly #tools: SenderTools;
  #opened: Promise<Opened | undefined> | undefined;

  constructor(config: SnsConfig, tools: SenderTools) {
    this.#config = config;
    this.#tools = tools;
  }

  async publish(url: string, form: Readonly<Record<string, string>>, attempt: Attempt): Promise<Delivery> {
    this.#opened ??= this.#open(form["TopicArn"] ?? form["TargetArn"] ?? "");
    let opened: Opened | undefined;
    try {
      opened = await this.#opened;
    } catch (error) {
      this.#opened = undefined;
      return retry(error instanceof Error ? error.message : String(error));
    }
    if (opened === undefined) {
      this.#opened = undefined;
      return retry("region not configured in sns.sigv4.region or in default credentials chain");
    }
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    const to = url === "" ? awsEndpoint("sns", opened.region, this.#tools.env) : url;
    if (!URL.canParse(to)) throw new PermanentError("api_url is not a valid URL after templating", "clientError");
    const answer = await opened.poster.post(to, goQuery(form), { headers, attempt });
    return isDelivery(answer) ? answer : judge(answer);
  }

  async close(): Promise<void> {
    const opened = await this.#opened?.catch(() => undefined);
    await opened?.poster.close();
  }

  async #open(arn: string): Promise<Opened | undefined> {
    const { sigv4, httpConfig } = this.#config;
    const { env } = this.#tools;
    const profile = sigv4.profile === "" ? {} : { AWS_PROFILE: sigv4.profile };
    // Uses the region in the topic's ARN if no setting names a region. Alertmanager sends nothing in this case.
    const region = sigv4.region || (await configuredRegion({ ...env, ...profile })) || (arn.split(":")[3] ?? "");
    if (region === "") return undefined;
    const sign = configuredSigner({ ...sigv4, region, serviceName: "sns" }, this.#tools);
    return {
      poster: await HttpPoster.open(withBundle(withoutCredentials(httpConfig!), env), this.#tools, { sign }),
      region,
    };
  }
}

/**
 * Returns HTTP settings that trust the certificate authorities in AWS_CA_BUNDLE, unless the settings name authorities.
 */
function withBundle(config: HttpClientConfig, env: AwsEnvironment): HttpClientConfig {
  const caFile = env["AWS_CA_BUNDLE"] ?? "";
  if (caFile === "" || config.tls.caFile !== "" || config.tls.ca !== "") return config;
  return { ...config, tls: { ...config.tls, caFile } };
}

/**
 * Returns the outcome for a response. A refusal by SNS is XML with the reason. Other error responses come from a proxy
 * in front of SNS, so the message is sent again later.
 */
async function judge(answer: Answer): Promise<Delivery> {
  const { status, body } = answer;
  if (status >= 200 && status < 300) return { kind: "sent" };
  const error = (await XmlElement.parse(body).catch(() => undefined))?.child("Error");
  const code = error?.text("Code");
  const delivery = deliveryFromAnswer({ ...answer, body: error?.text("Message") ?? body }, [429]);
  if (delivery.kind !== "rejected") return delivery;
  if (code === undefined) return retry(delivery.reason, delivery.failure);
  return THROTTLED.test(code) ? retry(delivery.reason, failureOf(429)) : delivery;
}

/** Renders the template of an SNS field. The error of a failed template names the field. */
function field({ render }: Attempt, name: string, template: string): string {
  try {
    return render.text(template);
  } catch (error) {
    if (isTemplateFault(error)) throw new PermanentError(`execute '${name}' template: ${error.message}`, "clientError");
    throw error;
  }
}

function publication(config: SnsConfig, attempt: Attempt): Readonly<Record<string, string>> {
  const { notification } = attempt;
  const form: Record<string, string> = { Action: "Publish", Version: VERSION };
  const attributes = new Map(
    [...config.attributes].map(([name, value]) => [
      field(attempt, "attributes", name),
      field(attempt, "attributes", value),
    ]),
  );
  if (config.topicArn !== "") {
    form["TopicArn"] = field(attempt, "topic_arn", config.topicArn);
    if (form["TopicArn"].endsWith(".fifo")) {
      form["MessageDeduplicationId"] = form["MessageGroupId"] = hashGroupKey(notification.groupKey);
    }
  }
  if (config.phoneNumber !== "") form["PhoneNumber"] = field(attempt, "phone_number", config.phoneNumber);
  if (config.targetArn !== "") form["TargetArn"] = field(attempt, "target_arn", config.targetArn);
  const message = field(attempt, "message", config.message);
  form["Message"] = firstBytes(message, config.phoneNumber === "" ? MAX_MESSAGE : MAX_SMS);
  if (form["Message"] !== message) attributes.set("truncated", "true");
  if (config.subject !== "") form["Subject"] = field(attempt, "subject", config.subject);
  for (const [i, [name, value]] of [...attributes].entries()) {
    const entry = `MessageAttributes.entry.${i + 1}`;
    form[`${entry}.Name`] = name;
    form[`${entry}.Value.DataType`] = "String";
    form[`${entry}.Value.StringValue`] = value;
  }
  return form;
}
