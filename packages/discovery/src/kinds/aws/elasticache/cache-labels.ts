import type { XmlElement } from "@narthex/http";
import type { TargetLabels } from "../../../answers/targets-in-turns.ts";
import { hostPort } from "../../../target-labels.ts";
import { type Tags, tagLabels } from "../tag-labels.ts";
import { type FieldLabel, fieldLabels } from "../xml-fields.ts";
import {
  CLUSTER_FIELDS,
  LOG_DELIVERY_FIELDS,
  NODE_FIELDS,
  SECURITY_GROUP_FIELDS,
  SERVERLESS_FIELDS,
} from "./fields.ts";

const SERVERLESS = "__meta_elasticache_serverless_cache_";
const CLUSTER = "__meta_elasticache_cache_cluster_";

/** Returns the labels of a serverless cache. */
export const serverlessLabels = (cache: XmlElement, tags: Tags): TargetLabels => ({
  __address__: addressOf(cache.child("Endpoint")),
  __meta_elasticache_deployment_option: "serverless",
  ...fieldLabels(cache, SERVERLESS_FIELDS),
  ...numberedTexts(`${SERVERLESS}security_group_id_`, cache.child("SecurityGroupIds")),
  ...numberedTexts(`${SERVERLESS}subnet_id_`, cache.child("SubnetIds")),
  ...tagLabels(`${SERVERLESS}tag_`, tags),
});

/** Returns the labels of the targets of a cluster: one for each of its nodes. */
export function clusterTargets(cluster: XmlElement, tags: Tags): readonly TargetLabels[] {
  const removed = cluster.child("PendingModifiedValues").child("CacheNodeIdsToRemove").items;
  const common = {
    __meta_elasticache_deployment_option: "node",
    ...fieldLabels(cluster, CLUSTER_FIELDS),
    [`${CLUSTER}pending_modified_values_cache_node_ids_to_remove`]: removed.map(({ ownText }) => ownText).join(),
    ...numberedLabels(cluster.child("LogDeliveryConfigurations"), LOG_DELIVERY_FIELDS),
    ...numberedLabels(cluster.child("SecurityGroups"), SECURITY_GROUP_FIELDS),
    ...tagLabels(`${CLUSTER}tag_`, tags),
  };
  return cluster.child("CacheNodes").items.map((node) => ({
    __address__: addressOf(node.child("Endpoint")),
    ...common,
    ...fieldLabels(node, NODE_FIELDS),
  }));
}

/** Returns `address:port` of an endpoint, or "" if it lacks one of them. */
function addressOf(endpoint: XmlElement): string {
  const [address, port] = [endpoint.text("Address"), endpoint.text("Port")];
  return address === undefined || port === undefined ? "" : hostPort(address, Number(port));
}

const numberedTexts = (prefix: string, list: XmlElement): Record<string, string> =>
  Object.fromEntries(list.items.map(({ ownText }, i) => [`${prefix}${i}`, ownText]));

/** Returns the labels of all items of a list. Their names end with the number of the item, from 0. */
const numberedLabels = (list: XmlElement, fields: readonly FieldLabel[]): Record<string, string> =>
  Object.fromEntries(
    list.items.flatMap((item, i) =>
      Object.entries(fieldLabels(item, fields)).map(([name, value]) => [`${name}_${i}`, value] as const),
    ),
  );
