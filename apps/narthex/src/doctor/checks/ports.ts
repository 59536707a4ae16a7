import { isIPv6 } from "node:net";
import { basename } from "node:path";
import { formatAddress, isEveryHost, type ListenAddress } from "@narthex/runtime";
import type { Check, DoctorContext } from "../check.ts";
import { error, type Finding, ok } from "../finding.ts";
import type { Listener } from "../machine/machine.ts";
import { askOwnMetrics } from "../server-api.ts";
import { otherData, roleOf } from "../subject/running-role.ts";
import type { ListenSubject, RoleSubject } from "../subject/subject.ts";

/** Checks that the configured ports are free, or used by the server that they are configured for. */
export const ports: Check = {
  name: "ports",
  about: "whether the ports of the roles are free or used by these roles; otherwise who uses them",
  async run(context) {
    const wanted = context.subject.roles.flatMap((role) => role.listens.map((listen) => ({ role, listen })));
    const listeners = await context.machine.listenersOn(wanted.map(({ listen }) => listen.address.port));
    const found = await Promise.all(wanted.map(({ role, listen }) => findingOf(context, role, listen, listeners)));
    return [...sharedFindings(wanted), ...found];
  },
};

interface Wanted {
  readonly role: RoleSubject;
  readonly listen: ListenSubject;
}

/** Reports addresses that are configured for two servers. */
const sharedFindings = (wanted: readonly Wanted[]): readonly Finding[] =>
  wanted.flatMap(({ role, listen }, i) => {
    const first = wanted.slice(0, i).find((other) => collide(other.listen.address, listen.address));
    if (first === undefined) return [];
    return [
      error(
        `port ${listen.address.port} is configured twice: for ${first.role.role} (${first.listen.flag}) and ${role.role} (${listen.flag})`,
        "give one of them another port",
      ),
    ];
  });

const collide = (a: ListenAddress, b: ListenAddress): boolean =>
  a.port !== 0 && a.port === b.port && (isEveryHost(a.host) || isEveryHost(b.host) || a.host === b.host);

async function findingOf(
  context: DoctorContext,
  role: RoleSubject,
  { address, flag }: ListenSubject,
  listeners: readonly Listener[],
): Promise<Finding> {
  const { port } = address;
  const name = `port ${port} (${role.role})`;
  const holder = listeners.find((listener) => listener.port === port);
  const elsewhere =
    context.subject.portOffset === undefined
      ? `give ${role.role} another port with ${flag}`
      : "move all ports with --port-offset=1000";
  if (holder?.program !== undefined && roleOf(holder.program.command) === role.role) {
    const { pid } = holder.program;
    const other = await otherData(context.machine, holder.program, role);
    if (other === undefined) return ok(`${name} is used by the role itself, pid ${pid}`);
    return error(
      `${name} is used by the ${role.role} of another stack, which stores its data in ${other}, pid ${pid}`,
      `end it (kill ${pid}), or ${elsewhere}`,
    );
  }
  const refusal = port === 0 ? undefined : await context.machine.tryListen(address);
  if (refusal === undefined) return ok(`${name} is free`);
  switch (refusal) {
    case "EADDRINUSE":
      if (holder?.program === undefined && (await answersAs(context, role)))
        return ok(`${name} is used by a program that answers like the role and is probably the role`);
      return heldFinding(name, port, holder, elsewhere);
    case "EACCES":
      return error(
        `this user may not listen on ${name}: ports below 1024 need a privilege`,
        `${elsewhere}, or allow it for every user: sysctl -w net.ipv4.ip_unprivileged_port_start=${port}`,
      );
    case "EADDRNOTAVAIL":
      return error(
        `${name}: this machine has no address ${printed(address)}`,
        `listen on every address with ${flag}=:${port}, or on one that "ip address" shows`,
      );
    default:
      return error(`listening on ${name} fails: ${refusal}`, elsewhere);
  }
}

/** Names of programs in `build_info` metrics, by server. */
const PROGRAMS: Readonly<Record<string, string>> = {
  server: "prometheus",
  alertmanager: "alertmanager",
  pushgateway: "pushgateway",
  "node-exporter": "node_exporter",
  dashboards: "grafana",
};

/**
 * Reports whether the program on a port serves the metrics of the server that is configured for the port. The metrics
 * identify the program, because many systems do not show which process uses a port.
 */
async function answersAs(context: DoctorContext, role: RoleSubject): Promise<boolean> {
  const own = await askOwnMetrics(context, role);
  return own(`${PROGRAMS[role.role]}_build_info`) !== undefined;
}

function heldFinding(name: string, port: number, holder: Listener | undefined, elsewhere: string): Finding {
  if (holder === undefined) {
    return error(
      `${name} is used by a program that is not visible here`,
      `find the program (ss -ltnp sport = :${port}), or ${elsewhere}`,
    );
  }
  if (holder.program === undefined) {
    return error(
      `${name} is used by a program of user ${holder.uid}, which only root and that user can see`,
      `find the program (sudo ss -ltnp sport = :${port}), or ${elsewhere}`,
    );
  }
  const { pid, command } = holder.program;
  return error(`${name} is used by ${shown(command)}, pid ${pid}`, `end it (kill ${pid}), or ${elsewhere}`);
}

/** Returns the name of a program without its arguments, because they may contain passwords. */
function shown(command: readonly string[]): string {
  const role = roleOf(command);
  return role === undefined ? basename(command[0] ?? "") : `narthex ${role}`;
}

const printed = ({ host = "*", port }: ListenAddress): string =>
  formatAddress({ address: host, port, family: isIPv6(host) ? "IPv6" : "IPv4" });
