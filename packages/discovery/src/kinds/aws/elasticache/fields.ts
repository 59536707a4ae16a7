import { labelFields } from "../xml-fields.ts";

/**
 * Labels of a serverless cache: https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_ServerlessCache.html.
 * The names of its usage limits have no `_` before the last word, as in Prometheus.
 */
export const SERVERLESS_FIELDS = labelFields("__meta_elasticache_serverless_cache_", {
  text: {
    arn: "ARN",
    cache_usage_limit_data_storageunit: "CacheUsageLimits.DataStorage.Unit",
    daily_snapshot_time: "DailySnapshotTime",
    description: "Description",
    endpoint_address: "Endpoint.Address",
    endpoint_reader_address: "ReaderEndpoint.Address",
    engine: "Engine",
    full_engine_version: "FullEngineVersion",
    kms_key_id: "KmsKeyId",
    major_engine_version: "MajorEngineVersion",
    name: "ServerlessCacheName",
    status: "Status",
    user_group_id: "UserGroupId",
  },
  integer: {
    cache_usage_limit_data_storagemaximum: "CacheUsageLimits.DataStorage.Maximum",
    cache_usage_limit_data_storageminimum: "CacheUsageLimits.DataStorage.Minimum",
    cache_usage_limit_ecpu_per_secondmaximum: "CacheUsageLimits.ECPUPerSecond.Maximum",
    cache_usage_limit_ecpu_per_secondminimum: "CacheUsageLimits.ECPUPerSecond.Minimum",
    endpoint_port: "Endpoint.Port",
    endpoint_reader_port: "ReaderEndpoint.Port",
    snapshot_retention_limit: "SnapshotRetentionLimit",
  },
  time: { create_time: "CreateTime" },
});

/** Labels of a cluster: https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CacheCluster.html. */
export const CLUSTER_FIELDS = labelFields("__meta_elasticache_cache_cluster_", {
  text: {
    arn: "ARN",
    cache_cluster_id: "CacheClusterId",
    cache_cluster_status: "CacheClusterStatus",
    cache_node_type: "CacheNodeType",
    cache_parameter_group: "CacheParameterGroup.CacheParameterGroupName",
    cache_subnet_group_name: "CacheSubnetGroupName",
    client_download_landing_page: "ClientDownloadLandingPage",
    configuration_endpoint_address: "ConfigurationEndpoint.Address",
    engine: "Engine",
    engine_version: "EngineVersion",
    ip_discovery: "IpDiscovery",
    network_type: "NetworkType",
    notification_topic_arn: "NotificationConfiguration.TopicArn",
    notification_topic_status: "NotificationConfiguration.TopicStatus",
    pending_modified_values_auth_token_status: "PendingModifiedValues.AuthTokenStatus",
    pending_modified_values_cache_node_type: "PendingModifiedValues.CacheNodeType",
    pending_modified_values_engine_version: "PendingModifiedValues.EngineVersion",
    pending_modified_values_transit_encryption_mode: "PendingModifiedValues.TransitEncryptionMode",
    preferred_availability_zone: "PreferredAvailabilityZone",
    preferred_maintenance_window: "PreferredMaintenanceWindow",
    preferred_outpost_arn: "PreferredOutpostArn",
    replication_group_id: "ReplicationGroupId",
    snapshot_window: "SnapshotWindow",
    transit_encryption_mode: "TransitEncryptionMode",
  },
  flag: {
    at_rest_encryption_enabled: "AtRestEncryptionEnabled",
    auth_token_enabled: "AuthTokenEnabled",
    auto_minor_version_upgrade: "AutoMinorVersionUpgrade",
    pending_modified_values_transit_encryption_enabled: "PendingModifiedValues.TransitEncryptionEnabled",
    replication_group_log_delivery_enabled: "ReplicationGroupLogDeliveryEnabled",
    transit_encryption_enabled: "TransitEncryptionEnabled",
  },
  integer: {
    configuration_endpoint_port: "ConfigurationEndpoint.Port",
    num_cache_nodes: "NumCacheNodes",
    pending_modified_values_num_cache_nodes: "PendingModifiedValues.NumCacheNodes",
    snapshot_retention_limit: "SnapshotRetentionLimit",
  },
  time: {
    auth_token_last_modified: "AuthTokenLastModifiedDate",
    cache_cluster_create_time: "CacheClusterCreateTime",
  },
});

/** Labels of a node: https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CacheNode.html. */
export const NODE_FIELDS = labelFields("__meta_elasticache_cache_cluster_node_", {
  text: {
    availability_zone: "CustomerAvailabilityZone",
    customer_outpost_arn: "CustomerOutpostArn",
    endpoint_address: "Endpoint.Address",
    id: "CacheNodeId",
    parameter_group_status: "ParameterGroupStatus",
    source_cache_node_id: "SourceCacheNodeId",
    status: "CacheNodeStatus",
  },
  integer: { endpoint_port: "Endpoint.Port" },
  time: { create_time: "CacheNodeCreateTime" },
});

/** Labels of one place to which a cluster delivers logs. The number of the place follows. */
export const LOG_DELIVERY_FIELDS = labelFields("__meta_elasticache_cache_cluster_log_delivery_configuration_", {
  text: {
    delivery_stream: "DestinationDetails.KinesisFirehoseDetails.DeliveryStream",
    destination_type: "DestinationType",
    log_format: "LogFormat",
    log_group: "DestinationDetails.CloudWatchLogsDetails.LogGroup",
    log_type: "LogType",
    message: "Message",
    status: "Status",
  },
});

/** Labels of one security group of a cluster. The number of the group follows. */
export const SECURITY_GROUP_FIELDS = labelFields("__meta_elasticache_cache_cluster_security_group_membership_", {
  text: { id: "SecurityGroupId", status: "Status" },
});
