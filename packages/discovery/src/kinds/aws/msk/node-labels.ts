import type { JsonValue } from "../../../answers/json-value.ts";
import type { TargetLabels } from "../../../answers/targets-in-turns.ts";
import { hostPort } from "../../../target-labels.ts";
import { tagLabels } from "../tag-labels.ts";

/** Returns the labels that all nodes of a cluster have. */
export function clusterLabels(cluster: JsonValue): TargetLabels {
  const software = cluster.at("provisioned", "currentBrokerSoftwareInfo");
  const revision = software.field("configurationRevision");
  return {
    __meta_msk_cluster_arn: cluster.text("clusterArn"),
    __meta_msk_cluster_configuration_arn: software.text("configurationArn"),
    __meta_msk_cluster_configuration_revision: revision.isNull ? "" : revision.asInteger(),
    __meta_msk_cluster_jmx_exporter_enabled: exporterState(cluster, "jmxExporter"),
    __meta_msk_cluster_kafka_version: software.text("kafkaVersion"),
    __meta_msk_cluster_name: cluster.text("clusterName"),
    __meta_msk_cluster_state: cluster.text("state"),
    __meta_msk_cluster_type: cluster.text("clusterType"),
    __meta_msk_cluster_version: cluster.text("currentVersion"),
    ...tagLabels("__meta_msk_cluster_tag_", Object.entries(cluster.textsByName("tags"))),
  };
}

/** Returns whether an exporter runs on the brokers, or "" if open monitoring is not configured. */
function exporterState(cluster: JsonValue, exporter: string): string {
  const settings = cluster.at("provisioned", "openMonitoring", "prometheus", exporter);
  return settings.isNull ? "" : String(settings.flag("enabledInBroker"));
}

/** Returns the labels of the targets of a node: one for each endpoint. Nodes of ZooKeeper are no targets. */
export function nodeLabels(
  node: JsonValue,
  cluster: JsonValue,
  { labels, port }: { readonly labels: TargetLabels; readonly port: number },
): readonly TargetLabels[] {
  const common = {
    ...labels,
    __meta_msk_node_added_time: node.text("addedToClusterTime"),
    __meta_msk_node_arn: node.text("nodeARN"),
    __meta_msk_node_instance_type: node.text("instanceType"),
  };
  const [broker, controller] = [node.field("brokerNodeInfo"), node.field("controllerNodeInfo")];
  if (!broker.isNull)
    return broker.texts("endpoints").map((endpoint, i) => ({
      __address__: hostPort(endpoint, port),
      ...common,
      __meta_msk_broker_client_subnet: broker.text("clientSubnet"),
      __meta_msk_broker_client_vpc_ip: broker.text("clientVpcIpAddress"),
      __meta_msk_broker_endpoint_index: String(i),
      __meta_msk_broker_id: broker.number("brokerId").toFixed(0),
      __meta_msk_broker_node_exporter_enabled: exporterState(cluster, "nodeExporter"),
      __meta_msk_node_attached_eni: broker.text("attachedENIId"),
      __meta_msk_node_type: "BROKER",
    }));
  return controller.texts("endpoints").map((endpoint, i) => ({
    __address__: hostPort(endpoint, port),
    ...common,
    __meta_msk_controller_endpoint_index: String(i),
    __meta_msk_node_type: "CONTROLLER",
  }));
}
