import { flagKinds, type Logger, mapWithLimit } from "@narthex/runtime";
import { defineCollector, type Emitter } from "../collector.ts";
import { compileFlag, type NameFilter, remembering } from "../device-filter.ts";
import { counter, gauge } from "../metric.ts";
import { hiddenFlag, type Settings, SettingsError } from "../settings.ts";
import { withReason, connectDBus, type DBusConnection, DBusRefusal, systemBusAddress } from "./d-bus.ts";
import { KeptConnection } from "./kept-connection.ts";

const SERVICE = "org.freedesktop.systemd1";
const MANAGER = { path: "/org/freedesktop/systemd1", interface: `${SERVICE}.Manager` };
/** systemd's own socket, which only root can use. */
const PRIVATE_ADDRESS = "unix:path=/run/systemd/private";

/** Time limit of all requests in one scrape; shorter than the scrape's own limit for a collector. */
const LIMIT_MS = 7000;

/** First version of systemd that reports its own state and the last trigger of a timer. */
const FIRST_WITH_SYSTEM_STATE = 212;

const INCLUDE = "collector.systemd.unit-include";
const EXCLUDE = "collector.systemd.unit-exclude";
const OLD_INCLUDE = "collector.systemd.unit-whitelist";
const OLD_EXCLUDE = "collector.systemd.unit-blacklist";
const PRIVATE = "collector.systemd.private";
const WITH_TASKS = "collector.systemd.enable-task-metrics";
const WITH_RESTARTS = "collector.systemd.enable-restarts-metrics";
const WITH_START_TIME = "collector.systemd.enable-start-time-metrics";

/** Number of units that are read concurrently. A larger number would not be faster. */
const UNITS_AT_ONCE = 32;

const STATES = ["active", "activating", "deactivating", "inactive", "failed"];
/** Value that systemd reports for a 64-bit counter that it does not keep for a unit. */
const NOT_KEPT = 2n ** 64n - 1n;

const flags = {
  [INCLUDE]: flagKinds.text(
    ".+",
    "Regexp of systemd units to include. Units must both match include and not match exclude to be included.",
  ),
  [OLD_INCLUDE]: hiddenFlag(flagKinds.text("", "DEPRECATED: Use --collector.systemd.unit-include")),
  [EXCLUDE]: flagKinds.text(
    ".+\\.(automount|device|mount|scope|slice)",
    "Regexp of systemd units to exclude. Units must both match include and not match exclude to be included.",
  ),
  [OLD_EXCLUDE]: hiddenFlag(flagKinds.text("", "DEPRECATED: Use collector.systemd.unit-exclude")),
  [PRIVATE]: flagKinds.flag(
    false,
    "Establish a private, direct connection to systemd without dbus (Strongly discouraged since it requires root. " +
      "For testing purposes only).",
    { hidden: true },
  ),
  [WITH_TASKS]: flagKinds.flag(false, "Enables service unit tasks metrics unit_tasks_current and unit_tasks_max"),
  [WITH_RESTARTS]: flagKinds.flag(false, "Enables service unit metric service_restart_total"),
  [WITH_START_TIME]: flagKinds.flag(false, "Enables service unit metric unit_start_time_seconds"),
};

const metrics = {
  unitState: gauge("node_systemd_unit_state", "Systemd unit", ["name", "state", "type"]),
  startTime: gauge("node_systemd_unit_start_time_seconds", "Start time of the unit since unix epoch in seconds.", [
    "name",
  ]),
  tasksCurrent: gauge("node_systemd_unit_tasks_current", "Current number of tasks per Systemd unit", ["name"]),
  tasksMax: gauge("node_systemd_unit_tasks_max", "Maximum number of tasks per Systemd unit", ["name"]),
  systemRunning: gauge(
    "node_systemd_system_running",
    "Whether the system is operational (see 'systemctl is-system-running')",
  ),
  units: gauge("node_systemd_units", "Summary of systemd unit states", ["state"]),
  restarts: counter("node_systemd_service_restart_total", "Service unit count of Restart triggers", ["name"]),
  timerLastTrigger: gauge("node_systemd_timer_last_trigger_seconds", "Seconds since epoch of last trigger.", ["name"]),
  accepted: counter("node_systemd_socket_accepted_connections_total", "Total number of accepted socket connections", [
    "name",
  ]),
  current: gauge("node_systemd_socket_current_connections", "Current number of socket connections", ["name"]),
  refused: gauge("node_systemd_socket_refused_connections_total", "Total number of refused socket connections", [
    "name",
  ]),
  version: gauge("node_systemd_version", "Detected systemd version", ["version"]),
  virtualization: gauge("node_systemd_virtualization_info", "Detected virtualization technology", [
    "virtualization_type",
  ]),
};

/** Exports systemd units over D-Bus. */
export const systemd = defineCollector({
  name: "systemd",
  enabled: false,
  flags,
  metrics,
  open({ settings, clock, logger }) {
    const isWanted = unitFilter(settings, logger);
    const isPrivate = settings.boolean(PRIVATE);
    const connect = async (): Promise<DBusConnection> => {
      const directly = () => connectDBus(PRIVATE_ADDRESS, { clock, limitMs: LIMIT_MS, isBus: false });
      if (isPrivate) return directly();
      try {
        return await connectDBus(systemBusAddress(process.env), { clock, limitMs: LIMIT_MS, isBus: true });
      } catch (error) {
        if (process.geteuid?.() !== 0) throw error;
        // Tries systemd's private socket, which root can use without a bus. If the private socket fails too, reports
        // the error of the bus.
        return directly().catch(() => Promise.reject(error));
      }
    };
    const kept = new KeptConnection(clock, () => connect().catch(withReason("couldn't get dbus connection")));
    return (_files, emit) => kept.use((connection) => new SystemdReading(connection, emit, settings).run(isWanted));
  },
});

/**
 * Returns the filter of units. The expressions must match a unit's whole name. Unlike in other collectors, include and
 * exclude may both be given.
 */
function unitFilter(settings: Settings, logger: Logger): NameFilter {
  const pattern = (flag: string, old: string) => {
    if (settings.text(old) === "") return compileFlag(flag, `^(?:${settings.text(flag)})$`);
    if (settings.isSet(flag)) throw new SettingsError(`--${old} and --${flag} are mutually exclusive`);
    logger.warn(`--${old} is DEPRECATED and will be removed in 2.0.0, use --${flag}`);
    return compileFlag(old, `^(?:${settings.text(old)})$`);
  };
  const exclude = pattern(EXCLUDE, OLD_EXCLUDE);
  const include = pattern(INCLUDE, OLD_INCLUDE);
  return remembering((name) => include.test(name) && !exclude.test(name));
}

interface Unit {
  readonly name: string;
  readonly activeState: string;
  /** Suffix of the unit name, for example service, timer or socket. */
  readonly kind: string;
}

/** Reads and emits the state of systemd in one scrape. */
class SystemdReading {
  readonly #connection: DBusConnection;
  readonly #emit: Emitter<typeof metrics>;
  readonly #settings: Settings;

  constructor(connection: DBusConnection, emit: Emitter<typeof metrics>, settings: Settings) {
    this.#connection = connection;
    this.#emit = emit;
    this.#settings = settings;
  }

  async run(isWanted: NameFilter): Promise<void> {
    const emit = this.#emit;
    const listing = this.#connection.list({ ...MANAGER, destination: SERVICE, member: "ListUnits" });
    const [version, virtualization] = await Promise.all([
      this.#property(MANAGER.path, "Manager", "Version", "string"),
      this.#property(MANAGER.path, "Manager", "Virtualization", "string"),
      // Prevents an unhandled rejection before the list of units is awaited.
      listing.catch(() => undefined),
    ]);
    const number = versionNumber(version ?? "");
    emit.version(number ?? 0, number === undefined ? "" : version!);
    emit.virtualization(1, virtualization === undefined ? "unknown" : virtualization || "none");
    const all = await listing.catch(withReason("couldn't get units"));
    this.#summarize(all);
    const units = all
      .filter(([name = "", , loadState]) => loadState === "loaded" && isWanted(name))
      .map(([name = "", , , activeState = ""]) => unitOf(name, activeState));
    const tellsState = (number ?? 0) >= FIRST_WITH_SYSTEM_STATE;
    const failure = tellsState ? this.#systemState() : undefined;
    // Limits the number of concurrent reads. Thousands of open promises would move to the old generation of the heap.
    await mapWithLimit(units, UNITS_AT_ONCE, (unit) => this.#unit(unit, tellsState));
    const error = await failure;
    if (error !== undefined) withReason("couldn't get system state")(error);
  }

  /**
   * Emits systemd's own state. Returns an error instead of throwing it, so that the states of units are still emitted.
   */
  async #systemState(): Promise<unknown> {
    try {
      const { value } = await this.#connection.property(SERVICE, MANAGER.path, MANAGER.interface, "SystemState");
      this.#emit.systemRunning(value === "running" ? 1 : 0);
      return undefined;
    } catch (error) {
      return error;
    }
  }

  #summarize(rows: readonly (readonly string[])[]): void {
    const counts = new Map(STATES.map((state) => [state, 0]));
    for (const [, , , state = ""] of rows) counts.set(state, (counts.get(state) ?? 0) + 1);
    for (const [state, count] of counts) this.#emit.units(count, state);
  }

  async #unit(unit: Unit, tellsState: boolean): Promise<void> {
    const settings = this.#settings;
    await Promise.all([
      this.#states(unit),
      unit.kind === "service" && settings.boolean(WITH_RESTARTS) && this.#restarts(unit),
      settings.boolean(WITH_START_TIME) && this.#startTime(unit),
      unit.kind === "service" && settings.boolean(WITH_TASKS) && this.#tasks(unit),
      unit.kind === "timer" && tellsState && this.#timer(unit),
      unit.kind === "socket" && this.#socket(unit),
    ]);
  }

  async #states({ name, activeState, kind }: Unit): Promise<void> {
    let type = "";
    if (kind === "service") type = (await this.#property(unitPath(name), "Service", "Type", "string")) ?? "";
    if (kind === "mount") type = (await this.#property(unitPath(name), "Mount", "Type", "string")) ?? "";
    for (const state of STATES) this.#emit.unitState(state === activeState ? 1 : 0, name, state, type);
  }

  async #restarts({ name }: Unit): Promise<void> {
    // Reads NRestarts, which exists since systemd 235.
    const restarts = await this.#property(unitPath(name), "Service", "NRestarts", "number");
    if (restarts !== undefined) this.#emit.restarts(restarts, name);
  }

  async #startTime({ name, activeState }: Unit): Promise<void> {
    if (activeState !== "active") {
      this.#emit.startTime(0, name);
      return;
    }
    const since = await this.#property(unitPath(name), "Unit", "ActiveEnterTimestamp", "bigint");
    if (since !== undefined) this.#emit.startTime(Number(since) / 1e6, name);
  }

  async #tasks({ name }: Unit): Promise<void> {
    const [current, max] = await Promise.all([
      this.#property(unitPath(name), "Service", "TasksCurrent", "bigint"),
      this.#property(unitPath(name), "Service", "TasksMax", "bigint"),
    ]);
    if (current !== undefined && current !== NOT_KEPT) this.#emit.tasksCurrent(Number(current), name);
    if (max !== undefined && max !== NOT_KEPT) this.#emit.tasksMax(Number(max), name);
  }

  async #timer({ name }: Unit): Promise<void> {
    const trigger = await this.#property(unitPath(name), "Timer", "LastTriggerUSec", "bigint");
    if (trigger !== undefined) this.#emit.timerLastTrigger(Number(trigger) / 1e6, name);
  }

  async #socket({ name }: Unit): Promise<void> {
    const path = unitPath(name);
    const [accepted, current, refused] = await Promise.all([
      this.#property(path, "Socket", "NAccepted", "number"),
      this.#property(path, "Socket", "NConnections", "number"),
      // Reads NRefused, which exists since systemd 239.
      this.#property(path, "Socket", "NRefused", "number"),
    ]);
    if (accepted === undefined) return;
    this.#emit.accepted(accepted, name);
    if (current === undefined) return;
    this.#emit.current(current, name);
    if (refused !== undefined) this.#emit.refused(refused, name);
  }

  /**
   * Returns a property of the expected type; undefined if systemd does not have the property or the unit was removed.
   */
  async #property<T extends keyof Kinds>(
    path: string,
    face: string,
    name: string,
    kind: T,
  ): Promise<Kinds[T] | undefined> {
    try {
      const { value } = await this.#connection.property(SERVICE, path, `${SERVICE}.${face}`, name);
      return typeof value === kind ? (value as Kinds[T]) : undefined;
    } catch (error) {
      if (error instanceof DBusRefusal) return undefined;
      throw error;
    }
  }
}

interface Kinds {
  readonly string: string;
  readonly number: number;
  readonly bigint: bigint;
}

const unitOf = (name: string, activeState: string): Unit => ({
  name,
  activeState,
  kind: /\.([a-z]+)$/.exec(name)?.[1] ?? "",
});

/**
 * Returns the D-Bus path of a unit. Characters other than letters and digits are replaced by their code, and so is a
 * leading digit.
 */
function unitPath(name: string): string {
  const escaped = [...Buffer.from(name)].map((byte, i) => {
    const char = String.fromCharCode(byte);
    return (i === 0 ? /[A-Za-z]/ : /[A-Za-z0-9]/).test(char) ? char : `_${byte.toString(16).padStart(2, "0")}`;
  });
  return `${MANAGER.path}/unit/${escaped.join("")}`;
}

/** Returns the first number of three or more digits in a version such as 252.39-1~deb12u2. */
function versionNumber(version: string): number | undefined {
  const match = /[0-9]{3,}(?:\.[0-9]+)?/.exec(version)?.[0];
  return match === undefined ? undefined : Number(match);
}
