import { parseAllDocuments } from "yaml";

/** A Kubernetes object that is applied to a cluster. */
export interface ClusterObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly [field: string]: unknown;
}

interface EnvironmentVariable {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: {
    readonly fieldRef?: { readonly fieldPath: string };
    readonly secretKeyRef?: { readonly name: string; readonly key: string; readonly optional?: boolean };
  };
}

export interface Probe {
  readonly httpGet?: { readonly path: string; readonly port: string | number; readonly scheme?: string };
}

export interface Container {
  readonly name: string;
  readonly image?: string;
  readonly args?: readonly string[];
  readonly env?: readonly EnvironmentVariable[];
  readonly ports?: readonly { readonly name?: string; readonly containerPort: number; readonly hostPort?: number }[];
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string }[];
  readonly startupProbe?: Probe;
  readonly readinessProbe?: Probe;
  readonly livenessProbe?: Probe;
  readonly securityContext?: SecurityContext;
}

interface SecurityContext {
  readonly privileged?: boolean;
  readonly allowPrivilegeEscalation?: boolean;
  readonly readOnlyRootFilesystem?: boolean;
  readonly runAsNonRoot?: boolean;
  readonly runAsUser?: number;
  readonly capabilities?: { readonly add?: readonly string[]; readonly drop?: readonly string[] };
  readonly seccompProfile?: { readonly type: string };
}

interface Volume {
  readonly name: string;
  readonly configMap?: { readonly name: string; readonly optional?: boolean };
  readonly secret?: { readonly secretName: string; readonly optional?: boolean };
  readonly persistentVolumeClaim?: { readonly claimName: string };
  readonly hostPath?: { readonly path: string };
  readonly [kind: string]: unknown;
}

interface PodSpec {
  readonly serviceAccountName?: string;
  readonly hostNetwork?: boolean;
  readonly hostPID?: boolean;
  readonly hostIPC?: boolean;
  readonly securityContext?: SecurityContext;
  readonly initContainers?: readonly Container[];
  readonly containers: readonly Container[];
  readonly volumes?: readonly Volume[];
}

export interface PodTemplate {
  readonly owner: ClusterObject;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly spec: PodSpec;
  /** Names of the pod's volumes from volumeClaimTemplates, in addition to the volumes in its spec. */
  readonly claims: readonly string[];
}

/** Parses a YAML text with Kubernetes objects. Skips empty documents. */
export const objectsIn = (yaml: string): ClusterObject[] =>
  [...parseAllDocuments(yaml)].flatMap((document) => {
    if (document.errors.length > 0) throw document.errors[0]!;
    const object = document.toJS() as ClusterObject | null;
    return object === null ? [] : [object];
  });

export const nameOf = ({ kind, metadata }: ClusterObject): string =>
  `${kind} ${metadata.namespace === undefined ? "" : `${metadata.namespace}/`}${metadata.name}`;

/** Returns the Kubernetes object of a kind with this name. Throws if it does not exist. */
export function objectOf(objects: readonly ClusterObject[], kind: string, name: string): ClusterObject {
  const found = objects.find((object) => object.kind === kind && object.metadata.name === name);
  if (found === undefined) throw new Error(`no ${kind} is called ${name}: ${objects.map(nameOf).join(", ")}`);
  return found;
}

interface WorkloadSpec {
  readonly template: {
    readonly metadata: { readonly labels: Readonly<Record<string, string>> };
    readonly spec: PodSpec;
  };
  readonly volumeClaimTemplates?: readonly { readonly metadata: { readonly name: string } }[];
}

const WORKLOADS = ["DaemonSet", "Deployment", "StatefulSet"];

/** Returns the pod templates of all workloads, such as deployments, among the objects. */
export const podTemplates = (objects: readonly ClusterObject[]): PodTemplate[] =>
  objects
    .filter(({ kind }) => WORKLOADS.includes(kind))
    .map((owner) => {
      const { template, volumeClaimTemplates = [] } = owner["spec"] as WorkloadSpec;
      return {
        owner,
        namespace: owner.metadata.namespace ?? "",
        labels: template.metadata.labels,
        spec: template.spec,
        claims: volumeClaimTemplates.map(({ metadata }) => metadata.name),
      };
    });

/** Returns the files in a ConfigMap or a Secret, by name. */
export function filesOf(object: ClusterObject): Record<string, string> {
  const decoded = Object.entries((object.kind === "Secret" ? object["data"] : undefined) ?? {}).map(
    ([name, text]) => [name, Buffer.from(text as string, "base64").toString("utf8")] as const,
  );
  const plain = object.kind === "Secret" ? object["stringData"] : object["data"];
  return { ...Object.fromEntries(decoded), ...(plain as Record<string, string> | undefined) };
}
