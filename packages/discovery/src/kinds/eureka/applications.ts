import { XmlElement } from "@narthex/http";
import { Labels, quote } from "@narthex/model";
import { AnswerError, statusError } from "../../answers/answer-error.ts";
import { type TargetLabels, targetsInTurns } from "../../answers/targets-in-turns.ts";
import type { DiscoveryContext } from "../../discoverer.ts";
import { DiscoveryClient, LONGEST_REQUEST_MS } from "../../discovery-client.ts";
import type { Refresh } from "../../polled-discoverer.ts";
import { hostPort, sanitizeLabelName } from "../../target-labels.ts";
import type { EurekaDiscovery } from "./eureka.ts";

const DEFAULT_PORT = 80;

/** One instance, with the name of its application. */
interface Instance {
  readonly application: string;
  readonly element: XmlElement;
}

/**
 * Returns a function that lists the instances of all applications;
 * https://github.com/Netflix/eureka/wiki/Eureka-REST-operations.
 */
export async function openApplications(config: EurekaDiscovery, context: DiscoveryContext): Promise<Refresh> {
  const client = await DiscoveryClient.open(config.httpClient, context);
  const url = `${config.server}/apps`;
  return async () => {
    const answer = await client.request(url, { timeoutMs: LONGEST_REQUEST_MS });
    if (answer.status < 200 || answer.status > 299) throw statusError(url, answer, context.clock);
    const instances = instancesOf(await XmlElement.parse(answer.text));
    return [
      { source: "eureka", targets: await targetsInTurns(context.clock, instances, labelsOf), labels: Labels.EMPTY },
    ];
  };
}

function instancesOf(applications: XmlElement): readonly Instance[] {
  const instances: Instance[] = [];
  for (const application of applications.children("application")) {
    const name = application.text("name") ?? "";
    for (const element of application.children("instance")) instances.push({ application: name, element });
  }
  return instances;
}

function labelsOf({ application, element }: Instance): TargetLabels {
  const text = (name: string): string => element.text(name) ?? "";
  const port = element.children("port")[0];
  const [dataCenter] = element.children("dataCenterInfo");
  return {
    __address__: hostPort(text("hostName"), port === undefined ? DEFAULT_PORT : integerOf(port.ownText, "port")),
    instance: text("instanceId"),
    __meta_eureka_app_name: application,
    __meta_eureka_app_instance_hostname: text("hostName"),
    __meta_eureka_app_instance_homepage_url: text("homePageUrl"),
    __meta_eureka_app_instance_statuspage_url: text("statusPageUrl"),
    __meta_eureka_app_instance_healthcheck_url: text("healthCheckUrl"),
    __meta_eureka_app_instance_ip_addr: text("ipAddr"),
    __meta_eureka_app_instance_vip_address: text("vipAddress"),
    __meta_eureka_app_instance_secure_vip_address: text("secureVipAddress"),
    __meta_eureka_app_instance_status: text("status"),
    __meta_eureka_app_instance_country_id: String(integerOf(text("countryId"), "countryId")),
    __meta_eureka_app_instance_id: text("instanceId"),
    ...portLabels("port", port),
    ...portLabels("secure_port", element.children("securePort")[0]),
    __meta_eureka_app_instance_datacenterinfo_name: dataCenter?.text("name") ?? "",
    ...metadataLabels("datacenterinfo_metadata_", dataCenter?.child("metadata")),
    ...metadataLabels("metadata_", element.child("metadata")),
  };
}

function portLabels(name: string, port: XmlElement | undefined): TargetLabels {
  if (port === undefined) return {};
  return {
    [`__meta_eureka_app_instance_${name}`]: String(integerOf(port.ownText, name)),
    [`__meta_eureka_app_instance_${name}_enabled`]: String(flagOf(port.attribute("enabled") ?? "", name)),
  };
}

/** Returns a label for each element of an instance's metadata. Its value is the content of the element as written. */
function metadataLabels(prefix: string, metadata: XmlElement | undefined): TargetLabels {
  const labels: Record<string, string> = {};
  for (const name of metadata?.childNames ?? []) {
    labels[`__meta_eureka_app_instance_${prefix}${sanitizeLabelName(name)}`] = metadata!
      .children(name)
      .at(-1)!.innerXml;
  }
  return labels;
}

function integerOf(text: string, name: string): number {
  const digits = text.trim();
  if (!/^(?:[+-]?\d{1,15})?$/.test(digits))
    throw new AnswerError(`${name} of an instance is no integer: ${quote(text)}`);
  return Number(digits);
}

/** The spellings of a boolean that Go's ParseBool accepts. A missing attribute is false. */
const FLAGS: ReadonlyMap<string, boolean> = new Map([
  ...["1", "t", "T", "true", "TRUE", "True"].map((word) => [word, true] as const),
  ...["0", "f", "F", "false", "FALSE", "False", ""].map((word) => [word, false] as const),
]);

function flagOf(text: string, name: string): boolean {
  const flag = FLAGS.get(text.trim());
  if (flag === undefined) throw new AnswerError(`enabled of ${name} of an instance is no boolean: ${quote(text)}`);
  return flag;
}
