import { execFile, execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { promisify } from "node:util";
import { eventually } from "../../support/eventually.ts";
import { Running } from "../../support/running.ts";

const run = promisify(execFile);

/** Matches commands that some kernels do not support. The test network works without them. */
const OPTIONAL = /^(?:ip link add link up0 name up0\.5|ip tunnel|tc qdisc)/;

/**
 * Commands that create pairs of devices, a bridge, a VLAN, queueing disciplines, routes of all kinds and neighbours in
 * every state.
 */
const NETWORK = `
ip link set lo up
ip link add up0 type veth peer name up1
ip link add side0 type veth peer name side1
ip addr add 10.9.0.1/24 dev up0
ip addr add 10.9.9.1/32 peer 10.9.9.2 dev up0
ip addr add 10.9.1.1/24 dev side0
ip addr add fd09::1/64 dev side0 nodad
ip link set up0 up
ip link set up1 up
ip link set side0 up
ip link set side1 up
ip link add br0 type bridge
ip link set side1 master br0
ip link set br0 up
ip link add idle0 type bridge
ip link add link up0 name up0.5 type vlan id 5
ip link set up0 alias up-link
ip link property add dev up0 altname uplink-one altname uplink-two
tc qdisc add dev up0 root tbf rate 1mbit burst 32kbit latency 400ms
tc qdisc add dev side0 root handle 1: htb default 10
tc qdisc add dev side0 clsact
tc qdisc add dev side1 root fq_codel
ip tunnel add tun9 mode gre remote 10.9.0.9 local 10.9.0.1
ip route add 10.20.0.0/16 via 10.9.0.7 src 10.9.0.1 metric 77
ip route add 10.21.0.0/16 nexthop via 10.9.0.8 weight 3 nexthop via 10.9.1.8 weight 5
ip route add default via 10.9.1.254 proto dhcp
ip route add 10.22.0.0/16 dev up0 table 100 proto static
ip route add 10.22.0.0/16 dev up0 table 101 proto static
ip route add blackhole 10.23.0.0/16
ip route add 10.25.0.0/16 dev side0 proto 99
ip route add 10.26.0.0/16 via inet6 fd09::5 dev side0
ip -6 route add fd20::/48 via fd09::7 metric 5 proto bgp
ip -6 route add default nexthop via fd09::8 weight 2 nexthop via fd09::9 weight 4
ip -6 route add ::ffff:10.0.0.0/104 dev side0
ip neigh add 10.9.0.50 lladdr 02:00:00:00:00:50 dev up0 nud permanent
ip neigh add 10.9.0.51 lladdr 02:00:00:00:00:51 dev up0 nud noarp
ip neigh add 10.9.1.52 dev side0 nud none
ip neigh add proxy 10.9.1.99 dev side0
ip neigh add fd09::99 lladdr 02:00:00:00:00:52 dev side0
`;

/** Whether this process can create network namespaces. */
export const canMakeNetworks: boolean =
  process.getuid?.() === 0 && ["ip", "tc"].every((program) => existsSync(`/usr/sbin/${program}`));

/** A new network namespace. Disposing of the object removes the namespace. */
export class Namespace implements Disposable {
  readonly #name = `narthex-${process.pid}`;

  constructor() {
    execFileSync("ip", ["netns", "add", this.#name]);
    for (const line of NETWORK.trim().split("\n")) {
      const [program = "", ...args] = line.split(" ");
      try {
        execFileSync("ip", ["netns", "exec", this.#name, program, ...args], { stdio: "pipe" });
      } catch (error) {
        if (OPTIONAL.test(line)) continue;
        this[Symbol.dispose]();
        throw error;
      }
    }
  }

  /** Starts an exporter in the namespace on a free port, and waits until it answers. */
  async start(command: string, args: readonly string[], port: number): Promise<Running> {
    const listen = `--web.listen-address=127.0.0.1:${port}`;
    const program = new Running("ip", ["netns", "exec", this.#name, command, ...args, listen]);
    await eventually("the exporter answers", () => this.scrape(port));
    return program;
  }

  async scrape(port: number): Promise<string> {
    const url = `http://127.0.0.1:${port}/metrics`;
    const inside = ["netns", "exec", this.#name, "curl", "-sf", url];
    return (await run("ip", inside, { maxBuffer: 2 ** 24 })).stdout;
  }

  [Symbol.dispose](): void {
    execFileSync("ip", ["netns", "del", this.#name]);
  }
}
