/** A target group for file_sd: one container port of a pod with the labels of Kubernetes service discovery. */
export interface PodGroup {
  readonly targets: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
}

const APPS = [
  "checkout",
  "cart",
  "search",
  "users",
  "billing",
  "gateway",
  "mailer",
  "reports",
  "images",
  "audit",
] as const;

/**
 * Returns pods of a cluster with about 40 labels each. `generation` is part of a label that the relabel rules do not
 * read.
 */
export function podGroups(count: number, generation: number): PodGroup[] {
  return Array.from({ length: count }, (_, i) => {
    const app = `${APPS[i % APPS.length]!}-${i % 37}`;
    const [ip, port] = [`10.${(i >> 14) & 255}.${(i >> 7) & 127}.${1 + (i & 127)}`, 8000 + (i % 90)];
    const hash = ((i * 2_654_435_761) >>> 0).toString(16);
    const pod = (name: string): string => `__meta_kubernetes_pod_${name}`;
    return {
      targets: [`${ip}:${port}`],
      labels: {
        __meta_kubernetes_namespace: `team-${i % 25}`,
        [pod("name")]: `${app}-${hash}-${i % 9}x${i % 7}k`,
        [pod("ip")]: ip,
        [pod("host_ip")]: `192.168.${i % 4}.${i % 200}`,
        [pod("node_name")]: `ip-192-168-${i % 4}-${i % 200}.eu-west-1.compute.internal`,
        [pod("uid")]: `${hash}-0000-4000-8000-${String(i).padStart(12, "0")}`,
        [pod("ready")]: i % 50 === 0 ? "false" : "true",
        [pod("phase")]: i % 40 === 0 ? "Succeeded" : "Running",
        [pod("controller_kind")]: i % 3 === 0 ? "StatefulSet" : "ReplicaSet",
        [pod("controller_name")]: `${app}-${hash}`,
        [pod("container_name")]: i % 11 === 0 ? "istio-proxy" : "main",
        [pod("container_id")]: `containerd://${hash}${hash}${hash}`,
        [pod("container_image")]: `registry.example/${app}:v1.${i % 20}.0`,
        [pod("container_init")]: "false",
        [pod("container_port_name")]: i % 10 === 0 ? "grpc" : "http-metrics",
        [pod("container_port_number")]: String(port),
        [pod("container_port_protocol")]: "TCP",
        [pod("label_app")]: app,
        [pod("label_app_kubernetes_io_name")]: app,
        [pod("label_app_kubernetes_io_part_of")]: APPS[i % APPS.length]!,
        [pod("label_pod_template_hash")]: hash,
        [pod("label_version")]: `v1.${i % 20}.0`,
        [pod("label_tier")]: i % 2 === 0 ? "backend" : "frontend",
        [pod("labelpresent_app")]: "true",
        [pod("labelpresent_app_kubernetes_io_name")]: "true",
        [pod("labelpresent_app_kubernetes_io_part_of")]: "true",
        [pod("labelpresent_pod_template_hash")]: "true",
        [pod("labelpresent_version")]: "true",
        [pod("labelpresent_tier")]: "true",
        [pod("annotation_prometheus_io_scrape")]: i % 20 === 0 ? "false" : "true",
        [pod("annotation_prometheus_io_port")]: String(9000 + (i % 30)),
        [pod("annotation_prometheus_io_path")]: i % 4 === 0 ? "/actuator/prometheus" : "/metrics",
        [pod("annotationpresent_prometheus_io_scrape")]: "true",
        [pod("annotationpresent_prometheus_io_port")]: "true",
        [pod("annotationpresent_prometheus_io_path")]: "true",
        __meta_generation: String(generation),
      },
    };
  });
}

/** Twenty relabel rules that resemble those in Helm charts for Kubernetes. */
export const POD_RULES = `
  - {source_labels: [__meta_kubernetes_pod_annotation_prometheus_io_scrape], regex: "true", action: keep}
  - {source_labels: [__meta_kubernetes_pod_phase], regex: Pending|Succeeded|Failed|Completed, action: drop}
  - {source_labels: [__meta_kubernetes_pod_container_init], regex: "true", action: drop}
  - {source_labels: [__meta_kubernetes_pod_container_port_name], regex: .*metrics|grpc, action: keep}
  - {source_labels: [__meta_kubernetes_pod_annotation_prometheus_io_scheme], regex: '(https?)', target_label: __scheme__}
  - {source_labels: [__meta_kubernetes_pod_annotation_prometheus_io_path], regex: (.+), target_label: __metrics_path__}
  - {source_labels: [__address__, __meta_kubernetes_pod_annotation_prometheus_io_port], regex: '([^:]+)(?::\\d+)?;(\\d+)', replacement: '$1:$2', target_label: __address__}
  - {regex: __meta_kubernetes_pod_annotation_prometheus_io_param_(.+), replacement: __param_$1, action: labelmap}
  - {regex: __meta_kubernetes_pod_label_(.+), action: labelmap}
  - {source_labels: [__meta_kubernetes_namespace], target_label: namespace}
  - {source_labels: [__meta_kubernetes_pod_name], target_label: pod}
  - {source_labels: [__meta_kubernetes_pod_container_name], target_label: container}
  - {source_labels: [__meta_kubernetes_pod_node_name], regex: '([^.]+)\\..*', target_label: node}
  - {source_labels: [__meta_kubernetes_pod_controller_kind, __meta_kubernetes_pod_controller_name], regex: 'ReplicaSet;(.+)-[0-9a-f]+', target_label: deployment}
  - {source_labels: [__meta_kubernetes_pod_controller_kind, __meta_kubernetes_pod_controller_name], regex: 'StatefulSet;(.*)', target_label: statefulset}
  - {source_labels: [namespace, app], separator: /, target_label: job}
  - {source_labels: [tier], target_label: tier, action: uppercase}
  - {source_labels: [__address__], modulus: 4, target_label: __tmp_shard, action: hashmod}
  - {source_labels: [__tmp_shard], regex: '[0-3]', action: keep}
  - {regex: pod_template_hash|app_kubernetes_io_part_of, action: labeldrop}
`;
