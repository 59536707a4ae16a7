import { formatGoDuration, parseDuration } from "@narthex/model";
import { flagKinds, type FlagTable } from "@narthex/runtime";
import { compileFlag } from "../device-filter.ts";
import type { NameFilter } from "../device-filter.ts";
import { filterExpressions, type Settings } from "../settings.ts";
import type { FileKind } from "./groups.ts";
import type { ShownFacts } from "./identity.ts";
import { METRIC_KINDS, metricKinds, excludesKinds, OPTIONAL_KINDS, type OptionalKind } from "./metric-kinds.ts";

const NAME = "collector.containers";
const INCLUDE = `${NAME}.include`;
const EXCLUDE = `${NAME}.exclude`;
const SOCKET = `${NAME}.docker-socket`;
const DOCKER_ONLY = `${NAME}.docker-only`;
const DOCKER_ONLY_BESIDES = `${NAME}.docker-only.besides`;
const ROOT = `${NAME}.root`;
const DISABLE_METRICS = `${NAME}.disable-metrics`;
const MORE_METRICS = `${NAME}.more-metrics`;
const LABELS = `${NAME}.labels`;
const ENV = `${NAME}.env`;
const PER_CPU = `${NAME}.per-cpu`;
const OPEN_FILES = `${NAME}.open-files`;
const KEEP_REMOVED = `${NAME}.keep-removed`;
const SIZE_INTERVAL = `${NAME}.size-interval`;
const TIMESTAMPS = `${NAME}.timestamps`;

/** Command-line flags of the containers collector, without the dashes. */
export const containerFlags: FlagTable = {
  [SOCKET]: flagKinds.list(
    ["/var/run/docker.sock", "/run/podman/podman.sock"],
    "Socket of an engine with Docker's API, for containers' names, images, labels and health; empty for none. (repeatable)",
  ),
  [INCLUDE]: flagKinds.text(
    "",
    "Regexp of control groups to include, by id or name; the root is always shown. (mutually exclusive to exclude)",
  ),
  [EXCLUDE]: flagKinds.text(
    "",
    "Regexp of control groups to exclude, by id or name; the root is always shown. (mutually exclusive to include)",
  ),
  [DOCKER_ONLY]: flagKinds.flag(
    false,
    "Show only containers and the root, and no other control groups (slices, services, pods).",
  ),
  [DOCKER_ONLY_BESIDES]: flagKinds.text(
    "",
    "Beginnings of the ids of other control groups to show with docker-only, separated by commas.",
  ),
  [ROOT]: flagKinds.flag(true, "Show the root, which is the host."),
  [DISABLE_METRICS]: flagKinds.parsed(
    [],
    metricKinds,
    (kinds: readonly string[]) => kinds.join(),
    `Kinds of metrics not to show, separated by commas: ${METRIC_KINDS.join(", ")}.`,
  ),
  [MORE_METRICS]: flagKinds.parsed(
    [],
    metricKinds,
    (kinds: readonly string[]) => kinds.join(),
    `Kinds of metrics to show that are not shown by default, separated by commas: ${OPTIONAL_KINDS.join(", ")}.`,
  ),
  [LABELS]: flagKinds.text(".+", "Regexp of container labels to show as container_label_*; an empty one shows none."),
  [ENV]: flagKinds.text(
    "",
    "Regexp of containers' environment variables to show as container_env_*; an empty one shows none.",
  ),
  [PER_CPU]: flagKinds.flag(
    false,
    'Show CPU time per CPU (cpu="cpu00") instead of in total, if cgroups of version 1 have it.',
  ),
  [OPEN_FILES]: flagKinds.flag(true, "Count open files and sockets of the processes in every control group."),
  [KEEP_REMOVED]: flagKinds.parsed(
    300_000,
    parseDuration,
    formatGoDuration,
    "How long container_last_seen of a container that is gone is still shown; 0s for not at all.",
  ),
  [SIZE_INTERVAL]: flagKinds.parsed(
    300_000,
    parseDuration,
    formatGoDuration,
    "How often the engine counts the bytes that containers wrote into their own layers; 0s for never.",
  ),
  [TIMESTAMPS]: flagKinds.flag(
    false,
    "Write the time of the reading with the samples of control groups, as cAdvisor does.",
  ),
};

/** The parsed flags. */
export interface ContainerSettings {
  readonly sockets: readonly string[];
  /** Reports whether the container or control group with this id and name is exported. */
  readonly isWanted: (id: string, name: string) => boolean;
  /** Reports whether a control group with this id that is not a container is exported. */
  readonly isWantedGroup: (id: string) => boolean;
  /** Reports whether the metric family with this name is exported. */
  readonly isWantedFamily: (name: string) => boolean;
  readonly shown: ShownFacts;
  readonly perCpu: boolean;
  readonly openFiles: boolean;
  /** Reports whether files of a kind are read from every control group. */
  readonly isRead: (kind: FileKind) => boolean;
  /** Reports whether an optional kind of metrics, which is off by default, is exported. */
  readonly isShown: (kind: OptionalKind) => boolean;
  /** Whether the processes of control groups that are not containers are needed. */
  readonly hasProcesses: boolean;
  readonly keepRemovedMs: number;
  readonly sizeIntervalMs: number;
  /** Whether samples have the time of the reading. */
  readonly timestamps: boolean;
}

/** For each kind of files, the kinds of metrics that are computed from these files. */
const SHOWN_BY: Readonly<Record<FileKind, readonly string[]>> = {
  cpu: ["cpu"],
  memory: ["memory", "oom_event"],
  io: ["diskIO"],
  pids: ["process"],
  pressure: ["pressure"],
};

/** Reads the flags. Throws SettingsError if include and exclude are both given, or if a pattern does not compile. */
export function readContainerFlags(settings: Settings): ContainerSettings {
  const disabled = settings.list(DISABLE_METRICS);
  const isShown = (kind: OptionalKind): boolean =>
    settings.list(MORE_METRICS).includes(kind) && !disabled.includes(kind);
  return {
    sockets: socketsOf(settings, process.env),
    isWanted: groupFilter(settings),
    isWantedGroup: otherGroups(settings),
    isWantedFamily: excludesKinds(disabled),
    shown: { label: matching(settings, LABELS), variable: matching(settings, ENV) },
    perCpu: settings.boolean(PER_CPU),
    openFiles: settings.boolean(OPEN_FILES) && !disabled.includes("process"),
    isRead: (kind) => !SHOWN_BY[kind].every((shown) => disabled.includes(shown)),
    isShown,
    hasProcesses: !disabled.includes("process") || isShown("sched") || isShown("referenced_memory"),
    keepRemovedMs: settings.number(KEEP_REMOVED),
    sizeIntervalMs: disabled.includes("disk") ? 0 : settings.number(SIZE_INTERVAL),
    timestamps: settings.boolean(TIMESTAMPS),
  };
}

/**
 * Returns the engine sockets that the flag names. Without the flag, returns the socket of DOCKER_HOST and then the
 * usual sockets.
 */
export function socketsOf(settings: Settings, env: Readonly<Record<string, string | undefined>>): readonly string[] {
  const told = settings.isSet(SOCKET) ? undefined : /^unix:\/\/(\/.+)$/.exec(env["DOCKER_HOST"] ?? "")?.[1];
  const sockets = told === undefined ? settings.list(SOCKET) : [told, ...settings.list(SOCKET)];
  return [...new Set(sockets)].filter((socket) => socket !== "");
}

function otherGroups(settings: Settings): ContainerSettings["isWantedGroup"] {
  const isOnly = settings.boolean(DOCKER_ONLY);
  const besides = settings
    .text(DOCKER_ONLY_BESIDES)
    .split(",")
    .filter((prefix) => prefix !== "");
  const isRootWanted = settings.boolean(ROOT);
  return (id) => (id === "/" ? isRootWanted : !isOnly || besides.some((prefix) => id.startsWith(prefix)));
}

function matching(settings: Settings, flag: string): NameFilter {
  if (settings.text(flag) === "") return () => false;
  const pattern = compileFlag(flag, settings.text(flag));
  return (name) => pattern.test(name);
}

function groupFilter(settings: Settings): ContainerSettings["isWanted"] {
  const { include, exclude } = filterExpressions(settings, { include: INCLUDE, exclude: EXCLUDE });
  if (include !== "") {
    const pattern = compileFlag(INCLUDE, include);
    return (id, name) => pattern.test(id) || (name !== "" && pattern.test(name));
  }
  if (exclude === "") return () => true;
  const pattern = compileFlag(EXCLUDE, exclude);
  return (id, name) => !pattern.test(id) && !(name !== "" && pattern.test(name));
}
