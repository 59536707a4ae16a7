import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { docker } from "../support/docker.ts";
import { eventually, Fatal } from "../support/eventually.ts";

const IMAGE = "narthex-systemd-host";

/**
 * Docker options of the container that simulates a host. The two capabilities are needed for mounts, user namespaces
 * and /proc of services. The container has its own devices, network, cgroups, /tmp and /run.
 */
const OPTIONS = [
  "--cap-add=SYS_ADMIN",
  "--cap-add=SYS_PTRACE",
  "--security-opt=seccomp=unconfined",
  "--security-opt=apparmor=unconfined",
  "--cgroupns=private",
  "--network=none",
  "--tmpfs=/tmp",
  "--tmpfs=/run:exec",
  "--tmpfs=/run/lock",
];

/** Scrape jobs of the starter configuration. */
const JOBS = ["alertmanager", "dashboards", "node", "prometheus", "pushgateway"];

interface QueryAnswer {
  readonly data: { readonly result: readonly { metric: Record<string, string>; value: [number, string] }[] };
}

/** A simulated host in a container, with Debian's systemd as its first process and only a loopback network. */
export class SystemdHost implements Disposable {
  readonly name: string;

  private constructor(name: string) {
    this.name = name;
  }

  static async boot(name: string): Promise<SystemdHost> {
    docker("build", "--quiet", "--tag", IMAGE, fileURLToPath(new URL("systemd-host", import.meta.url)));
    docker("run", "--detach", "--name", name, ...OPTIONS, IMAGE);
    const host = new SystemdHost(name);
    await host.#booted();
    return host;
  }

  /** Runs commands as root on the simulated host. Returns their output. */
  shell(script: string): string {
    return docker("exec", this.name, "sh", "-ec", script);
  }

  copy(path: string, to: string): void {
    docker("cp", "--quiet", path, `${this.name}:${to}`);
  }

  /** Sends an HTTP request from inside the simulated host. The request is a POST if it has a body. */
  fetch(url: string, body?: string): string {
    const program = `
      const [url, body] = process.argv.slice(1);
      const response = await fetch(url, body === undefined ? {} : { method: "POST", body });
      if (!response.ok) throw new Error(response.status + " of " + url);
      process.stdout.write(await response.text());`;
    const args = [url, ...(body === undefined ? [] : [body])];
    return docker("exec", this.name, "/probe/node", "--input-type=module", "--eval", program, ...args);
  }

  /** Evaluates a PromQL expression on the server of the simulated host. Returns the values by job. */
  query(expression: string): Readonly<Record<string, number>> {
    const text = this.fetch(`http://127.0.0.1:9090/api/v1/query?query=${encodeURIComponent(expression)}`);
    const { data } = JSON.parse(text) as QueryAnswer;
    return Object.fromEntries(data.result.map(({ metric, value }) => [metric["job"] ?? "", Number(value[1])]));
  }

  /**
   * Waits until every job of the starter configuration has been scraped again and is up.
   * @returns Unix time in seconds; no scrape that began earlier is still in progress
   */
  async everyJobUp(): Promise<number> {
    const begun = Number(this.shell("date +%s"));
    return eventually("every job is up", async () => {
      const [up, last] = [this.query("up"), this.query("timestamp(up)")];
      for (const job of JOBS)
        if (up[job] !== 1 || (last[job] ?? 0) < begun) throw new Error(JSON.stringify({ up, last, begun }));
      return Math.min(...Object.values(last));
    });
  }

  /** Shuts down the simulated host properly and boots it again. */
  async reboot(): Promise<void> {
    // The shutdown may take 120 s, because each service has up to 20 s.
    docker("restart", "--time=120", this.name);
    await this.#booted();
  }

  async #booted(): Promise<void> {
    await eventually("systemd is up", async () => {
      if (docker("inspect", "--format={{.State.Running}}", this.name) !== "true")
        throw new Fatal(spawnSync("docker", ["logs", this.name], { encoding: "utf8" }).stderr);
      // Ignores the exit status of `systemctl is-system-running`, which fails if a unit has failed. Once it prints a
      // state, systemd accepts commands.
      const { stdout, stderr } = spawnSync("docker", ["exec", this.name, "systemctl", "is-system-running", "--wait"], {
        encoding: "utf8",
      });
      if (!/^(?:running|degraded)$/m.test(stdout)) throw new Error(stdout + stderr);
    });
  }

  /** Returns the systemd units that failed, as systemctl prints them. */
  failedUnits(): string {
    return this.shell("systemctl list-units --failed --plain --no-legend --no-pager");
  }

  [Symbol.dispose](): void {
    spawnSync("docker", ["rm", "--force", "--volumes", this.name], { stdio: "ignore" });
  }
}
