import { holds, localAddress } from "./local-address.ts";
import { RoleArguments } from "./role-arguments.ts";
import type { InstalledService, ServiceDefinition } from "./service-manager.ts";
import type { System } from "./system.ts";

export interface TakenAddress {
  /** As --web.listen-address takes it. */
  readonly listen: string;
  readonly port: number;
}

/**
 * Addresses that a service is to listen at and somebody else does. `running` is the role's own service, where it runs: what it
 * holds becomes free when it is started anew.
 */
export async function takenAddresses(
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
