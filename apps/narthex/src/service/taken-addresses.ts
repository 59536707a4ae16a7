import { holds, localAddress } from "./local-address.ts";
import { RoleArguments } from "./role-arguments.ts";
import type { InstalledService, ServiceDefinition } from "./service-manager.ts";
import type { System } from "./system.ts";

interface TakenAddress {
  /** Address in the form of --web.listen-address. */
  readonly listen: string;
  readonly port: number;
}

/**
 * Returns a message for each address that is in use. `lookup` returns the command that shows which program listens on a
 * port.
 */
export async function addressProblems(
  definition: ServiceDefinition,
  running: InstalledService | undefined,
  lookup: (port: number) => string,
  system: System,
): Promise<readonly string[]> {
  return (await takenAddresses(definition, running, system)).map(
    ({ listen, port }) =>
      `${definition.role.role}: another program listens at ${listen}; see which with ${lookup(port)} and end it, or name another address`,
  );
}

/**
 * Returns the addresses of a service that other programs use. Addresses of `running`, the server's own running service,
 * do not count, because a restart releases them.
 */
async function takenAddresses(
  { role, args }: ServiceDefinition,
  running: InstalledService | undefined,
  system: System,
): Promise<readonly TakenAddress[]> {
  const held = running === undefined ? [] : role.address(new RoleArguments(running.args)).listen;
  const taken: TakenAddress[] = [];
  for (const listen of role.address(args).listen) {
    const { host, port } = localAddress(listen);
    if (port !== 0 && !holds(held, listen) && (await system.isListening(host, port))) taken.push({ listen, port });
  }
  return taken;
}
