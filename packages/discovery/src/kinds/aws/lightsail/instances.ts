import { type AwsEnvironment, callJsonRpcApi } from "@narthex/http";
import { Labels } from "@narthex/model";
import { failureOf } from "../../../answers/answer-error.ts";
import { JsonValue } from "../../../answers/json-value.ts";
import { type TargetLabels, targetsInTurns } from "../../../answers/targets-in-turns.ts";
import type { DiscoveryContext } from "../../../discoverer.ts";
import type { Refresh } from "../../../polled-discoverer.ts";
import { hostPort, joinedList } from "../../../target-labels.ts";
import { AwsAccess } from "../aws-access.ts";
import { jsonTags, tagLabels } from "../tag-labels.ts";
import type { LightsailDiscovery } from "./lightsail.ts";

/**
 * Returns a function that lists the instances of a region:
 * https://docs.aws.amazon.com/lightsail/2016-11-28/api-reference/API_GetInstances.html. As in Prometheus, only the first
 * page of the list is read.
 */
export async function openInstances(
  config: LightsailDiscovery,
  context: DiscoveryContext,
  env: AwsEnvironment,
): Promise<Refresh> {
  const access = await AwsAccess.open(config, context, env);
  return async () => {
    const session = await access.session();
    const { region } = session;
    const service = session.service({ name: "Lightsail", id: "lightsail" }, config.endpoint);
    let answer: string;
    try {
      answer = await callJsonRpcApi({ ...service, target: "Lightsail_20161128" }, "GetInstances", {});
    } catch (error) {
      access.renewAfter(error);
      throw failureOf("could not get instances", error);
    }
    const instances = (await JsonValue.parse(answer, context.clock)).list("instances");
    const targets = await targetsInTurns(context.clock, instances, (instance) =>
      labelsOf(instance, region, config.port),
    );
    return [{ source: region, targets, labels: Labels.EMPTY }];
  };
}

/** Returns the labels of an instance, or undefined if the instance has no private address. */
function labelsOf(instance: JsonValue, region: string, port: number): TargetLabels | undefined {
  const privateIp = instance.text("privateIpAddress");
  if (privateIp === "") return undefined;
  return {
    __address__: hostPort(privateIp, port),
    __meta_lightsail_availability_zone: instance.field("location").text("availabilityZone"),
    __meta_lightsail_blueprint_id: instance.text("blueprintId"),
    __meta_lightsail_bundle_id: instance.text("bundleId"),
    __meta_lightsail_instance_name: instance.text("name"),
    __meta_lightsail_instance_state: instance.field("state").text("name"),
    __meta_lightsail_instance_support_code: instance.text("supportCode"),
    __meta_lightsail_ipv6_addresses: joinedList(instance.texts("ipv6Addresses")),
    __meta_lightsail_private_ip: privateIp,
    __meta_lightsail_public_ip: instance.text("publicIpAddress"),
    __meta_lightsail_region: region,
    ...tagLabels("__meta_lightsail_tag_", jsonTags(instance)),
  };
}
