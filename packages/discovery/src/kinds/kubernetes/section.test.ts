import { decodeYaml } from "@narthex/config";
import { expect, test } from "vitest";
import { kubernetesDiscoverer } from "./kubernetes.ts";

const decode = (yaml: string) => decodeYaml(yaml, "/etc/p/prometheus.yml", kubernetesDiscoverer.codec);

test("an entry is read with paths relative to the file's folder", () => {
  const yaml = `
role: pod
kubeconfig_file: kube/config
namespaces: {names: [a, b]}
selectors: [{role: node, field: metadata.name=x}, {role: pod, label: "app in (a, b)"}]
attach_metadata: {node: yes, deployment: true, job: true, cronjob: true, namespace: true}`;
  expect(decode(yaml)).toMatchObject({
    ok: true,
    value: {
      role: "pod",
      apiServer: undefined,
      kubeconfigFile: "/etc/p/kube/config",
      namespaces: { own: false, names: ["a", "b"] },
      selectors: [
        { role: "node", label: "", field: "metadata.name=x" },
        { role: "pod", label: "app in (a, b)", field: "" },
      ],
      attach: { node: true, namespace: true, deployment: true, job: true, cronjob: true },
    },
  });
});

test.each([
  "role: ingress",
  "{role: node, follow_redirects: true, tls_config: {}}",
  "{role: pod, api_server: 'http://x', bearer_token: a}",
  "{role: endpoints, selectors: [{role: pod}, {role: service}, {role: endpoints}]}",
  "{role: endpointslice, selectors: [{role: pod}, {role: service}, {role: endpointslice}]}",
])("%s is accepted", (yaml) => expect(decode(yaml)).toMatchObject({ ok: true }));

// Entries that promtool also refuses, with the same messages.
test.each([
  ["namespaces: {names: [a]}", 1, "role missing (one of: pod, service, endpoints, endpointslice, node, ingress)"],
  ["\nrole: Pod", 2, 'field role: unknown Kubernetes SD role "Pod"'],
  [
    "role: pod\nkubeconfig_file: k\napi_server: http://x",
    2,
    "cannot use 'kubeconfig_file' and 'api_server' simultaneously",
  ],
  [
    "role: pod\nkubeconfig_file: k\nbearer_token: t",
    2,
    "cannot use a custom HTTP client configuration together with 'kubeconfig_file'",
  ],
  [
    "role: pod\nfollow_redirects: false",
    1,
    "to use custom HTTP client configuration please provide the 'api_server' URL explicitly",
  ],
  [
    "role: pod\napi_server: http://x\nnamespaces:\n  own_namespace: true",
    4,
    "cannot use 'api_server' and 'namespaces.own_namespace' simultaneously",
  ],
  [
    "role: pod\nkubeconfig_file: k\nnamespaces: {own_namespace: true}",
    3,
    "cannot use 'kubeconfig_file' and 'namespaces.own_namespace' simultaneously",
  ],
  ["role: pod\nselectors: [{role: pod}, {role: pod}]", 2, "duplicated selector role: pod"],
  ["role: pod\nselectors: [{role: service}]", 2, "pod role supports only pod, node selectors"],
  ["role: node\nselectors: [{}]", 2, "node role supports only node selectors"],
  ["role: node\nselectors: [{role: foo}]", 2, 'field role: unknown Kubernetes SD role "foo"'],
  ["role: node\nnope: 1", 2, "field nope not found in type kubernetes.plain"],
  ["role: node\nattach_metadata: {nodes: 1}", 2, "field nodes not found in type kubernetes.AttachMetadataConfig"],
  ["role: pod\nselectors: [{role: pod, label: '!'}]", 2, "unable to parse requirement: found '', expected: identifier"],
])("%j is refused", (yaml, line, message) => {
  expect(decode(yaml)).toMatchObject({ ok: false, problems: [{ line, message }] });
});

test("entries that find the same objects are equal, whatever the order of their keys", () => {
  const identity = (yaml: string): string => {
    const loaded = decode(yaml);
    if (!loaded.ok) throw new Error(loaded.problems[0]!.message);
    return kubernetesDiscoverer.identity(loaded.value);
  };
  const a = identity("{role: pod, api_server: 'http://x', bearer_token: one}");
  expect(identity("{bearer_token: one, api_server: 'http://x', role: pod, namespaces: {}}")).toBe(a);
  expect(identity("{role: pod, api_server: 'http://x', bearer_token: two}")).not.toBe(a);
  expect(identity("{role: node, api_server: 'http://x', bearer_token: one}")).not.toBe(a);
});
