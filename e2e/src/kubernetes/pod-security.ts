import type { Container, PodTemplate } from "./cluster-object.ts";
import { nameOf } from "./cluster-object.ts";

/** Kinds of volumes that the Pod Security standard "restricted" allows. */
const VOLUMES = [
  "configMap",
  "csi",
  "downwardAPI",
  "emptyDir",
  "ephemeral",
  "persistentVolumeClaim",
  "projected",
  "secret",
];

/**
 * Returns violations of the Pod Security standard "restricted".
 * https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
 */
export function restrictedProblems({ owner, spec }: PodTemplate): string[] {
  const say = (problem: string): string => `${nameOf(owner)}: ${problem}`;
  const shared = (["hostNetwork", "hostPID", "hostIPC"] as const).filter((field) => spec[field] === true);
  const volumes = (spec.volumes ?? []).flatMap(({ name, ...source }) =>
    Object.keys(source)
      .filter((kind) => !VOLUMES.includes(kind))
      .map((kind) => say(`volume ${name} is a ${kind}`)),
  );
  const containers = [...(spec.initContainers ?? []), ...spec.containers].flatMap((container) =>
    containerProblems(container, spec.securityContext).map((problem) => say(`container ${container.name} ${problem}`)),
  );
  return [...shared.map(say), ...volumes, ...containers];
}

function containerProblems(container: Container, pod: PodTemplate["spec"]["securityContext"]): string[] {
  const own = container.securityContext;
  const problems: [isProblem: boolean, text: string][] = [
    [own?.privileged === true, "is privileged"],
    [own?.allowPrivilegeEscalation !== false, "may gain privileges"],
    [own?.capabilities?.drop?.includes("ALL") !== true, "keeps capabilities"],
    [(own?.capabilities?.add ?? []).some((name) => name !== "NET_BIND_SERVICE"), "adds capabilities"],
    [(own?.runAsNonRoot ?? pod?.runAsNonRoot) !== true, "may run as root"],
    [(own?.runAsUser ?? pod?.runAsUser) === 0, "runs as root"],
    [
      !["RuntimeDefault", "Localhost"].includes((own?.seccompProfile ?? pod?.seccompProfile)?.type ?? ""),
      "has no seccomp profile",
    ],
    [(container.ports ?? []).some(({ hostPort }) => hostPort !== undefined), "has a port of the host"],
  ];
  return problems.filter(([isProblem]) => isProblem).map(([, text]) => text);
}
