import { type ClusterObject, type Container, nameOf, podTemplates, type PodTemplate } from "./cluster-object.ts";

type Labels = Readonly<Record<string, string>>;

const matches = (selector: Labels, labels: Labels): boolean =>
  Object.entries(selector).every(([name, value]) => labels[name] === value);

/** Returns references to missing objects: volumes, files, accounts, ports, and selectors that match no pod. */
export function brokenReferences(objects: readonly ClusterObject[]): string[] {
  const pods = podTemplates(objects);
  return [
    ...duplicates(objects),
    ...pods.flatMap((pod) => podProblems(pod, objects)),
    ...objects.flatMap((object) => {
      const find = (selector: Labels): PodTemplate[] =>
        pods.filter(({ namespace, labels }) => namespace === object.metadata.namespace && matches(selector, labels));
      return selectorProblems(object, find).map((problem) => `${nameOf(object)}: ${problem}`);
    }),
    ...objects.flatMap((object) => bindingProblems(object, objects)),
  ];
}

function duplicates(objects: readonly ClusterObject[]): string[] {
  const names = objects.map((object) => `${object.apiVersion} ${nameOf(object)}`);
  return names.filter((name, i) => names.indexOf(name) !== i).map((name) => `${name} is there twice`);
}

function podProblems(
  { owner, namespace, labels, spec, claims }: PodTemplate,
  objects: readonly ClusterObject[],
): string[] {
  const has = (kind: string, name: string): boolean =>
    objects.some((one) => one.kind === kind && one.metadata.name === name && one.metadata.namespace === namespace);
  const { selector } = owner["spec"] as { selector: { matchLabels: Labels } };
  const volumes = new Set([...(spec.volumes ?? []).map(({ name }) => name), ...claims]);
  const problems = [
    ...(matches(selector.matchLabels, labels) ? [] : ["its selector does not find its pods"]),
    ...(spec.serviceAccountName === undefined || has("ServiceAccount", spec.serviceAccountName)
      ? []
      : [`there is no ServiceAccount ${spec.serviceAccountName}`]),
    ...(spec.volumes ?? []).flatMap(({ configMap, secret, persistentVolumeClaim }) => [
      ...missing(has, "ConfigMap", configMap?.optional === true ? undefined : configMap?.name),
      ...missing(has, "Secret", secret?.optional === true ? undefined : secret?.secretName),
      ...missing(has, "PersistentVolumeClaim", persistentVolumeClaim?.claimName),
    ]),
    ...spec.containers.flatMap((container) => containerProblems(container, volumes)),
  ];
  return problems.map((problem) => `${nameOf(owner)}: ${problem}`);
}

const missing = (has: (kind: string, name: string) => boolean, kind: string, name: string | undefined): string[] =>
  name === undefined || has(kind, name) ? [] : [`there is no ${kind} ${name}`];

function containerProblems(container: Container, volumes: ReadonlySet<string>): string[] {
  const ports = new Set((container.ports ?? []).flatMap(({ name, containerPort }) => [name, containerPort]));
  const probes = [container.startupProbe, container.readinessProbe, container.livenessProbe];
  return [
    ...(container.volumeMounts ?? []).filter(({ name }) => !volumes.has(name)).map(({ name }) => `no volume ${name}`),
    ...probes.flatMap((probe) =>
      probe?.httpGet === undefined || ports.has(probe.httpGet.port) ? [] : [`no port ${probe.httpGet.port} to probe`],
    ),
  ];
}

interface Selecting {
  readonly selector?: Labels & { readonly matchLabels?: Labels };
  readonly ports?: readonly { readonly port: number; readonly targetPort?: string | number }[];
  readonly podSelector?: { readonly matchLabels?: Labels };
  readonly ingress?: readonly Rule[];
  readonly egress?: readonly Rule[];
}

interface Rule {
  readonly from?: readonly Peer[];
  readonly to?: readonly Peer[];
}

interface Peer {
  readonly podSelector?: { readonly matchLabels?: Labels };
  readonly namespaceSelector?: unknown;
}

function selectorProblems(object: ClusterObject, find: (selector: Labels) => PodTemplate[]): string[] {
  const spec = object["spec"] as Selecting | undefined;
  const none = (selector: Labels): string[] =>
    find(selector).length > 0 ? [] : [`no pod has ${JSON.stringify(selector)}`];
  switch (object.kind) {
    case "Service":
      return [
        ...none(spec!.selector!),
        ...find(spec!.selector!).flatMap((pod) => unserved(spec!.ports!, pod.spec.containers)),
      ];
    case "PodDisruptionBudget":
      return none(spec!.selector!.matchLabels!);
    case "NetworkPolicy": {
      const peers = [...(spec!.ingress ?? []), ...(spec!.egress ?? [])].flatMap(({ from = [], to = [] }) => [
        ...from,
        ...to,
      ]);
      const within = peers.filter(({ namespaceSelector }) => namespaceSelector === undefined);
      return [spec!, ...within].flatMap(({ podSelector }) => none(podSelector?.matchLabels ?? {}));
    }
    default:
      return [];
  }
}

function unserved(wanted: NonNullable<Selecting["ports"]>, containers: readonly Container[]): string[] {
  const ports = containers.flatMap((container) => container.ports ?? []);
  return wanted
    .map(({ port, targetPort }) => targetPort ?? port)
    .filter((target) => !ports.some(({ name, containerPort }) => name === target || containerPort === target))
    .map((target) => `no container has the port ${target}`);
}

interface Binding {
  readonly roleRef: { readonly kind: string; readonly name: string };
  readonly subjects: readonly { readonly kind: string; readonly name: string; readonly namespace: string }[];
}

function bindingProblems(object: ClusterObject, objects: readonly ClusterObject[]): string[] {
  if (object.kind !== "ClusterRoleBinding" && object.kind !== "RoleBinding") return [];
  const { roleRef, subjects } = object as unknown as Binding;
  const role = objects.some(({ kind, metadata }) => kind === roleRef.kind && metadata.name === roleRef.name);
  return [
    ...(role ? [] : [`${nameOf(object)}: there is no ${roleRef.kind} ${roleRef.name}`]),
    ...subjects
      .filter(
        ({ kind, name, namespace }) =>
          !objects.some(
            (one) => one.kind === kind && one.metadata.name === name && one.metadata.namespace === namespace,
          ),
      )
      .map(({ kind, namespace, name }) => `${nameOf(object)}: there is no ${kind} ${namespace}/${name}`),
  ];
}
