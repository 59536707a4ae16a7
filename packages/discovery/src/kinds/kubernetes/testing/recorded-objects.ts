import type { RawObject } from "../api-object.ts";

/**
 * One object of each kind with the fields of a small cluster, as the API reference describes them:
 * https://kubernetes.io/docs/reference/kubernetes-api/
 */
export const RECORDED = {
  /** https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/node-v1/ */
  node: object({
    metadata: {
      name: "kind-control-plane",
      uid: "8a1e5c3d-0000-4000-8000-000000000000",
      resourceVersion: "6021",
      creationTimestamp: "2025-03-01T10:00:00Z",
      labels: { "kubernetes.io/arch": "amd64", "node-role.kubernetes.io/control-plane": "" },
      annotations: { "volumes.kubernetes.io/controller-managed-attach-detach": "true" },
      managedFields: [{ manager: "kubelet", operation: "Update", apiVersion: "v1", fieldsType: "FieldsV1" }],
    },
    spec: { podCIDR: "10.244.0.0/24", providerID: "kind://docker/kind/kind-control-plane" },
    status: {
      capacity: { cpu: "8", memory: "16Gi", pods: "110" },
      addresses: [
        { type: "Hostname", address: "kind-control-plane" },
        { type: "InternalIP", address: "172.18.0.2" },
        { type: "InternalIP", address: "fc00:f853:ccd:e793::2" },
      ],
      conditions: [
        { type: "MemoryPressure", status: "False", lastHeartbeatTime: "2025-03-01T10:05:00Z" },
        { type: "Ready", status: "True", lastHeartbeatTime: "2025-03-01T10:05:00Z", reason: "KubeletReady" },
        { type: "NetworkUnavailable", status: "Unknown" },
      ],
      daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
    },
  }),
  /** https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/namespace-v1/ */
  namespace: object({
    metadata: { name: "kube-system", labels: { "kubernetes.io/metadata.name": "kube-system" } },
    spec: { finalizers: ["kubernetes"] },
    status: { phase: "Active" },
  }),
  /** https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/ */
  pod: object({
    metadata: {
      name: "coredns-76f75df574-abcde",
      generateName: "coredns-76f75df574-",
      namespace: "kube-system",
      uid: "3b5a9f7e-0000-4000-8000-000000000001",
      resourceVersion: "601",
      labels: { "k8s-app": "kube-dns" },
      ownerReferences: [
        { apiVersion: "apps/v1", kind: "ReplicaSet", name: "coredns-76f75df574", uid: "1", controller: true },
      ],
    },
    spec: {
      nodeName: "kind-control-plane",
      initContainers: [{ name: "warm", image: "busybox" }],
      containers: [
        {
          name: "coredns",
          image: "registry.k8s.io/coredns/coredns:v1.11.1",
          args: ["-conf", "/etc/coredns/Corefile"],
          ports: [
            { name: "dns", containerPort: 53, protocol: "UDP" },
            { name: "metrics", containerPort: 9153, protocol: "TCP" },
          ],
        },
      ],
    },
    status: {
      phase: "Running",
      conditions: [
        { type: "Initialized", status: "True" },
        { type: "Ready", status: "True" },
      ],
      hostIP: "172.18.0.2",
      podIP: "10.244.0.3",
      podIPs: [{ ip: "10.244.0.3" }],
      containerStatuses: [{ name: "coredns", ready: true, restartCount: 0, containerID: "containerd://8f1c" }],
      initContainerStatuses: [{ name: "warm", ready: true, restartCount: 0, containerID: "containerd://77aa" }],
    },
  }),
  /** https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/replica-set-v1/ */
  replicaSet: object({
    metadata: {
      name: "coredns-76f75df574",
      namespace: "kube-system",
      ownerReferences: [{ apiVersion: "apps/v1", kind: "Deployment", name: "coredns", uid: "2", controller: true }],
    },
  }),
  /** https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/job-v1/ */
  job: object({
    metadata: {
      name: "tick-1",
      namespace: "kube-system",
      ownerReferences: [{ apiVersion: "batch/v1", kind: "CronJob", name: "tick", uid: "3", controller: true }],
    },
  }),
  /** https://kubernetes.io/docs/reference/kubernetes-api/service-resources/service-v1/ */
  service: object({
    metadata: {
      name: "kube-dns",
      namespace: "kube-system",
      labels: { "k8s-app": "kube-dns" },
      annotations: { "prometheus.io/port": "9153" },
    },
    spec: {
      type: "ClusterIP",
      clusterIP: "10.96.0.10",
      clusterIPs: ["10.96.0.10"],
      ipFamilies: ["IPv4"],
      ipFamilyPolicy: "SingleStack",
      ports: [
        { name: "dns", port: 53, protocol: "UDP", targetPort: 53 },
        { name: "metrics", port: 9153, protocol: "TCP", targetPort: 9153 },
      ],
    },
    status: { loadBalancer: {} },
  }),
  /** https://kubernetes.io/docs/reference/kubernetes-api/service-resources/endpoints-v1/ */
  endpoints: object({
    metadata: { name: "kube-dns", namespace: "kube-system" },
    subsets: [
      {
        addresses: [
          {
            ip: "10.244.0.3",
            nodeName: "kind-control-plane",
            targetRef: { kind: "Pod", namespace: "kube-system", name: "coredns-76f75df574-abcde", uid: "1" },
          },
        ],
        notReadyAddresses: [
          { ip: "10.244.0.4", targetRef: { kind: "Pod", namespace: "kube-system", name: "gone", uid: "2" } },
        ],
        ports: [{ name: "metrics", port: 9153, protocol: "TCP" }],
      },
    ],
  }),
  /** https://kubernetes.io/docs/reference/kubernetes-api/service-resources/endpoint-slice-v1/ */
  endpointSlice: object({
    metadata: {
      name: "kube-dns-x7k2p",
      namespace: "kube-system",
      labels: { "kubernetes.io/service-name": "kube-dns" },
    },
    addressType: "IPv4",
    ports: [{ name: "metrics", port: 9153, protocol: "TCP", appProtocol: "http" }],
    endpoints: [
      {
        addresses: ["10.244.0.3"],
        conditions: { ready: true, serving: true, terminating: false },
        nodeName: "kind-control-plane",
        zone: "eu-1",
        deprecatedTopology: { "kubernetes.io/hostname": "kind-control-plane" },
        targetRef: { kind: "Pod", namespace: "kube-system", name: "coredns-76f75df574-abcde", uid: "1" },
      },
    ],
  }),
  /** https://kubernetes.io/docs/reference/kubernetes-api/service-resources/ingress-v1/ */
  ingress: object({
    metadata: { name: "web", namespace: "a" },
    spec: {
      ingressClassName: "nginx",
      tls: [{ hosts: ["*.example.com"], secretName: "tls" }],
      rules: [
        {
          host: "a.example.com",
          http: {
            paths: [
              { pathType: "ImplementationSpecific", backend: { service: { name: "s", port: { number: 80 } } } },
              { path: "/api", pathType: "Prefix", backend: { service: { name: "s", port: { number: 80 } } } },
            ],
          },
        },
        { host: "b.c.example.com" },
        { http: { paths: [{ path: "/", pathType: "Prefix" }] } },
      ],
    },
  }),
};

function object<T extends RawObject>(raw: T): T {
  return raw;
}
