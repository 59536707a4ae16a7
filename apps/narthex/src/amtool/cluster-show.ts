import { BlockList, isIP } from "node:net";
import { defineCommand } from "../command-line/command.ts";
import { goJsonLine } from "./print-answer.ts";
import type { Session } from "./session.ts";
import { table } from "./table.ts";

export const clusterShow = defineCommand<Session>({
  name: "show",
  help: "View cluster status and peers.",
  async run(_, session) {
    const { cluster } = await (await session.client()).status();
    if (session.settings.output === "json") {
      session.print(goJsonLine(cluster));
      return 0;
    }
    const rows = [
      ["Cluster Status:", cluster.status],
      ["Node Name:", cluster.name ?? ""],
    ];
    session.host.stdout(table(rows, false));
    if (session.settings.output === "extended") {
      const peers = (cluster.peers ?? []).toSorted((a, b) => compareAddresses(a.address, b.address));
      const peerRows = peers.map(({ address, name }) => [address, name]);
      session.host.stdout(`\n${table([["Address", "Name"], ...peerRows], false)}`);
    }
    return 0;
  },
});

/** Compares addresses by host, then by port, each as numbers. */
function compareAddresses(a: string, b: string): number {
  const [hostA, portA] = split(a);
  const [hostB, portB] = split(b);
  if (hostA === hostB) return portA - portB;
  return isBefore(hostA, hostB) ? -1 : 1;
}

function split(address: string): [string, number] {
  const colon = address.lastIndexOf(":");
  return [address.slice(0, colon).replace(/^\[|\]$/g, ""), Number(address.slice(colon + 1))];
}

function isBefore(a: string, b: string): boolean {
  const [familyA, familyB] = [isIP(a), isIP(b)];
  if (familyA !== familyB || familyA === 0) return familyA !== familyB ? familyA < familyB : a < b;
  const family = familyA === 6 ? "ipv6" : "ipv4";
  const upToB = new BlockList();
  upToB.addRange(family === "ipv6" ? "::" : "0.0.0.0", b, family);
  return upToB.check(a, family);
}
