import { expect, test } from "vitest";
import type { RawObject } from "./api-object.ts";
import { endpointsRole } from "./endpoints.ts";
import { endpointSliceRole } from "./endpointslice.ts";
import { ingressRole } from "./ingress.ts";
import type { Joined, JoinedKinds } from "./joined.ts";
import { nodeMetadata, nodeRole } from "./node.ts";
import { jobs, namespaces, replicaSets } from "./metadata-resources.ts";
import { podRole, pods } from "./pod.ts";
import type { Role } from "./role.ts";
import type { AttachMetadata } from "./section.ts";
import { serviceRole, services } from "./service.ts";
import { RECORDED } from "./testing/recorded-objects.ts";

type Records = Readonly<Record<string, string>>;

interface Around {
  readonly attach?: Partial<AttachMetadata>;
  readonly objects?: { readonly [K in keyof JoinedKinds]?: readonly RawObject[] };
}

const RESOURCES = {
  node: nodeMetadata,
  namespace: namespaces,
  service: services,
  pod: pods,
  replicaset: replicaSets,
  job: jobs,
};

function joined({ attach = {}, objects = {} }: Around): Joined {
  return {
    attach: { node: false, namespace: false, deployment: false, job: false, cronjob: false, ...attach },
    find(kind, key) {
      const raw = objects[kind]?.find(
        ({ metadata: { namespace, name } }) => key === (namespace === undefined ? name : `${namespace}/${name}`),
      );
      return raw === undefined ? undefined : (RESOURCES[kind].keep(raw) as JoinedKinds[typeof kind]);
    },
  };
}

/** Returns labels with the common prefix removed from their names. */
const short = (labels: Iterable<readonly [string, string]>): Records =>
  Object.fromEntries([...labels].map(([name, value]) => [name.replace(/^__meta_kubernetes_/, ""), value]));

function groupOf<T>(role: Role<T>, raw: RawObject, around: Around = {}) {
  const group = role.group(role.resource.keep(raw), joined(around));
  return group === undefined ? undefined : { labels: short(group.labels), targets: group.targets.map(short) };
}

test("a node is a target at its kubelet, under the first address of the preferred type", () => {
  expect(groupOf(nodeRole, RECORDED.node)).toEqual({
    labels: {
      node_provider_id: "kind://docker/kind/kind-control-plane",
      node_condition_ready: "true",
      node_condition_memorypressure: "false",
      node_condition_networkunavailable: "unknown",
      node_name: "kind-control-plane",
      node_label_kubernetes_io_arch: "amd64",
      node_labelpresent_kubernetes_io_arch: "true",
      node_labelpresent_node_role_kubernetes_io_control_plane: "true",
      node_annotation_volumes_kubernetes_io_controller_managed_attach_detach: "true",
      node_annotationpresent_volumes_kubernetes_io_controller_managed_attach_detach: "true",
    },
    targets: [
      {
        __address__: "172.18.0.2:10250",
        instance: "kind-control-plane",
        node_address_InternalIP: "172.18.0.2",
        node_address_Hostname: "kind-control-plane",
      },
    ],
  });
});

test("a node without any address has no group", () => {
  expect(groupOf(nodeRole, { metadata: { name: "n" } })).toBeUndefined();
});

test("a pod has a target per container port; a container without ports has one without a port; init containers are included", () => {
  const { labels, targets } = groupOf(podRole, RECORDED.pod)!;
  expect(labels).toEqual({
    namespace: "kube-system",
    pod_name: "coredns-76f75df574-abcde",
    pod_ip: "10.244.0.3",
    pod_ready: "true",
    pod_phase: "Running",
    pod_node_name: "kind-control-plane",
    pod_host_ip: "172.18.0.2",
    pod_uid: "3b5a9f7e-0000-4000-8000-000000000001",
    pod_controller_kind: "ReplicaSet",
    pod_controller_name: "coredns-76f75df574",
    pod_label_k8s_app: "kube-dns",
    pod_labelpresent_k8s_app: "true",
  });
  const dns = {
    pod_container_name: "coredns",
    pod_container_image: "registry.k8s.io/coredns/coredns:v1.11.1",
    pod_container_id: "containerd://8f1c",
    pod_container_init: "false",
  };
  const port = (number: string, name: string, protocol: string) => ({
    ...dns,
    __address__: `10.244.0.3:${number}`,
    pod_container_port_name: name,
    pod_container_port_number: number,
    pod_container_port_protocol: protocol,
  });
  expect(targets).toEqual([
    port("53", "dns", "UDP"),
    port("9153", "metrics", "TCP"),
    {
      __address__: "10.244.0.3",
      pod_container_name: "warm",
      pod_container_image: "busybox",
      pod_container_id: "containerd://77aa",
      pod_container_init: "true",
    },
  ]);
});

test("a pod without an IP address has no targets, and neither has a pod on an unknown node if nodes are attached", () => {
  expect(groupOf(podRole, { ...RECORDED.pod, status: {} } as RawObject)).toEqual({ labels: {}, targets: [] });
  expect(groupOf(podRole, RECORDED.pod, { attach: { node: true } })).toEqual({ labels: {}, targets: [] });
});

test("a pod has the labels of its node, namespace and deployment", () => {
  const around: Around = {
    attach: { node: true, namespace: true, deployment: true },
    objects: { node: [RECORDED.node], namespace: [RECORDED.namespace], replicaset: [RECORDED.replicaSet] },
  };
  expect(groupOf(podRole, RECORDED.pod, around)!.labels).toMatchObject({
    node_name: "kind-control-plane",
    node_label_kubernetes_io_arch: "amd64",
    namespace_label_kubernetes_io_metadata_name: "kube-system",
    pod_deployment_name: "coredns",
  });
});

test("a pod of a cron job's job has the names of both", () => {
  const pod = {
    ...RECORDED.pod,
    metadata: { ...RECORDED.pod.metadata, ownerReferences: [{ kind: "Job", name: "tick-1", controller: true }] },
  };
  const around: Around = { attach: { job: true, cronjob: true }, objects: { job: [RECORDED.job] } };
  expect(groupOf(podRole, pod, around)!.labels).toMatchObject({ pod_job_name: "tick-1", pod_cronjob_name: "tick" });
  expect(groupOf(podRole, pod, { ...around, attach: {} })!.labels["pod_job_name"]).toBeUndefined();
});

test("a service has a target per port, with its DNS name as address", () => {
  expect(groupOf(serviceRole, RECORDED.service)).toEqual({
    labels: {
      namespace: "kube-system",
      service_name: "kube-dns",
      service_label_k8s_app: "kube-dns",
      service_labelpresent_k8s_app: "true",
      service_annotation_prometheus_io_port: "9153",
      service_annotationpresent_prometheus_io_port: "true",
    },
    targets: [
      {
        __address__: "kube-dns.kube-system.svc:53",
        service_port_name: "dns",
        service_port_number: "53",
        service_port_protocol: "UDP",
        service_type: "ClusterIP",
        service_cluster_ip: "10.96.0.10",
      },
      {
        __address__: "kube-dns.kube-system.svc:9153",
        service_port_name: "metrics",
        service_port_number: "9153",
        service_port_protocol: "TCP",
        service_type: "ClusterIP",
        service_cluster_ip: "10.96.0.10",
      },
    ],
  });
});

test.each([
  [
    { type: "ExternalName", externalName: "db.example.com", clusterIP: "x" },
    {},
    { service_external_name: "db.example.com" },
  ],
  [{ type: "ClusterIP", clusterIP: "None" }, {}, { service_cluster_ip: "None" }],
  [
    { type: "LoadBalancer", clusterIP: "10.0.0.9", loadBalancerIP: "1.1.1.1" },
    {},
    { service_cluster_ip: "10.0.0.9", service_loadbalancer_ip: "1.1.1.1" },
  ],
  [
    { type: "LoadBalancer", clusterIP: "10.0.0.9", loadBalancerIP: "1.1.1.1" },
    { loadBalancer: { ingress: [{ ip: "2.2.2.2" }, { hostname: "lb" }, { ip: "3.3.3.3" }] } },
    { service_cluster_ip: "10.0.0.9", service_loadbalancer_ip: "2.2.2.2,3.3.3.3" },
  ],
])("a service of type %j", (spec, status, labels) => {
  const raw = { metadata: { name: "s", namespace: "a" }, spec: { ...spec, ports: [{ port: 80 }] }, status };
  const own = { __address__: "s.a.svc:80", service_port_number: "80", service_type: spec.type };
  expect(groupOf(serviceRole, raw)!.targets).toEqual([{ ...own, ...labels }]);
});

test("endpoints have a target per address and port, ready or not, and one per other port of their pods", () => {
  const around: Around = { objects: { service: [RECORDED.service], pod: [RECORDED.pod] } };
  const { labels, targets } = groupOf(endpointsRole, RECORDED.endpoints, around)!;
  expect(labels).toMatchObject({ namespace: "kube-system", endpoints_name: "kube-dns", service_name: "kube-dns" });
  expect(targets.map(({ __address__, endpoint_ready }) => [__address__, endpoint_ready])).toEqual([
    ["10.244.0.3:9153", "true"],
    ["10.244.0.4:9153", "false"],
    ["10.244.0.3:53", undefined],
  ]);
  expect(targets[0]).toMatchObject({
    endpoint_port_name: "metrics",
    endpoint_port_protocol: "TCP",
    endpoint_node_name: "kind-control-plane",
    endpoint_address_target_kind: "Pod",
    endpoint_address_target_name: "coredns-76f75df574-abcde",
    pod_name: "coredns-76f75df574-abcde",
    pod_container_name: "coredns",
    pod_container_port_name: "metrics",
    pod_container_port_number: "9153",
    pod_container_init: "false",
  });
  expect(targets[0]!["pod_container_id"]).toBeUndefined();
  // Expects no pod labels for the second address, because the discoverer does not know its pod.
  expect(targets[1]!["pod_name"]).toBeUndefined();
  expect(targets[2]).toMatchObject({ pod_container_port_name: "dns", pod_container_port_protocol: "UDP" });
});

test("endpoints that refer to a node, or are located on one, have its labels", () => {
  const objects = { node: [RECORDED.node] };
  const addresses = [
    { ip: "172.18.0.2", targetRef: { kind: "Node", name: "kind-control-plane" } },
    { ip: "172.18.0.3", nodeName: "kind-control-plane", hostname: "web-0" },
    { ip: "172.18.0.4", nodeName: "gone" },
  ];
  const raw = { metadata: { name: "e", namespace: "a" }, subsets: [{ addresses, ports: [{ port: 1 }] }] };
  const { targets } = groupOf(endpointsRole, raw, { attach: { node: true }, objects })!;
  expect(targets.map((target) => target["node_name"])).toEqual(["kind-control-plane", "kind-control-plane", undefined]);
  expect(targets[1]).toMatchObject({ endpoint_hostname: "web-0" });
});

test("an endpoint slice has a target per endpoint address and port, with its conditions", () => {
  const around: Around = { objects: { service: [RECORDED.service], pod: [RECORDED.pod] } };
  const { labels, targets } = groupOf(endpointSliceRole, RECORDED.endpointSlice, around)!;
  expect(labels).toMatchObject({
    namespace: "kube-system",
    endpointslice_name: "kube-dns-x7k2p",
    endpointslice_address_type: "IPv4",
    endpointslice_label_kubernetes_io_service_name: "kube-dns",
    service_name: "kube-dns",
  });
  expect(targets).toHaveLength(2);
  expect(targets[0]).toMatchObject({
    __address__: "10.244.0.3:9153",
    endpointslice_port: "9153",
    endpointslice_port_name: "metrics",
    endpointslice_port_protocol: "TCP",
    endpointslice_port_app_protocol: "http",
    endpointslice_endpoint_conditions_ready: "true",
    endpointslice_endpoint_conditions_serving: "true",
    endpointslice_endpoint_conditions_terminating: "false",
    endpointslice_endpoint_node_name: "kind-control-plane",
    endpointslice_endpoint_zone: "eu-1",
    endpointslice_endpoint_topology_kubernetes_io_hostname: "kind-control-plane",
    endpointslice_endpoint_topology_present_kubernetes_io_hostname: "true",
    endpointslice_address_target_kind: "Pod",
    endpointslice_address_target_name: "coredns-76f75df574-abcde",
    pod_name: "coredns-76f75df574-abcde",
    pod_container_port_name: "metrics",
  });
  expect(targets[1]).toMatchObject({ __address__: "10.244.0.3:53", pod_container_port_name: "dns" });
});

test("a port without a number is not added to the address; IPv6 addresses are in brackets", () => {
  const raw = {
    metadata: { name: "s", namespace: "a" },
    addressType: "IPv6",
    ports: [{ name: "", port: null }, { port: 80 }],
    endpoints: [{ addresses: ["fd00::1"], conditions: {} }],
  };
  expect(groupOf(endpointSliceRole, raw)!.targets).toEqual([
    { __address__: "fd00::1" },
    { __address__: "[fd00::1]:80", endpointslice_port: "80" },
  ]);
});

test.each([
  ["PreferDualStack", "IPv4", 2],
  ["RequireDualStack", "IPv6", 0],
  ["SingleStack", "IPv6", 2],
])("for a %s service the slice of %s addresses has %i targets", (ipFamilyPolicy, addressType, count) => {
  const service = { ...RECORDED.service, spec: { ipFamilyPolicy, ipFamilies: ["IPv4", "IPv6"] } };
  const slice = { ...RECORDED.endpointSlice, addressType } as RawObject;
  const around: Around = { objects: { service: [service], pod: [RECORDED.pod] } };
  expect(groupOf(endpointSliceRole, slice, around)!.targets).toHaveLength(count);
});

test("an ingress has a target per rule and path; TLS hosts use https", () => {
  expect(groupOf(ingressRole, RECORDED.ingress)).toEqual({
    labels: { namespace: "a", ingress_name: "web", ingress_class_name: "nginx" },
    targets: [
      { __address__: "a.example.com", ingress_host: "a.example.com", ingress_path: "/", ingress_scheme: "https" },
      { __address__: "a.example.com", ingress_host: "a.example.com", ingress_path: "/api", ingress_scheme: "https" },
      { __address__: "b.c.example.com", ingress_host: "b.c.example.com", ingress_path: "/", ingress_scheme: "http" },
      { ingress_path: "/", ingress_scheme: "http" },
    ],
  });
});

test.each([
  ["a.b", "a.b", "https"],
  ["*.b", "a.b", "https"],
  ["*.b", "x.a.b", "http"],
  ["*.b", "b", "http"],
  ["a.*", "a.b", "http"],
  ["*", "b", "https"],
  ["*", "a.b", "http"],
])("TLS host %s for %s is %s", (pattern, host, scheme) => {
  const raw = { metadata: { name: "i", namespace: "a" }, spec: { tls: [{}, { hosts: [pattern] }], rules: [{ host }] } };
  expect(groupOf(ingressRole, raw)!.targets[0]!["ingress_scheme"]).toBe(scheme);
});
