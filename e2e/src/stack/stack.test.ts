import { execFileSync } from "node:child_process";
import { totalmem } from "node:os";
import { expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { api, instant, scalarOf, untilQuery } from "../support/query.ts";
import { lacks } from "../support/requirements.ts";
import { narthex } from "../support/running.ts";
import { freePortOffset } from "../support/ports.ts";
import { Workplace } from "../support/workplace.ts";

test.skipIf(lacks("curl"))(
  "narthex up brings host metrics and a pushed metric to the server, survives the death of a role, and exits cleanly",
  async () => {
    using workplace = new Workplace();
    const offset = await freePortOffset();
    await using up = narthex(["up", `--data-dir=${workplace.path("data")}`, `--port-offset=${offset}`]);
    const server = `http://127.0.0.1:${9090 + offset}`;
    const gateway = `http://127.0.0.1:${9091 + offset}`;

    await eventually("all five roles are ready", async () => {
      if (!up.stdout.includes("Ready.")) throw new Error(up.output);
    });
    for (const port of [3000, 9090, 9091, 9093, 9100]) expect(up.stdout).toContain(`http://localhost:${port + offset}`);
    const targets = await untilQuery(server, "up == 1", (result) => result.length === 5);
    expect(targets.map(({ metric }) => metric["job"]).sort()).toEqual([
      "alertmanager",
      "dashboards",
      "node",
      "prometheus",
      "pushgateway",
    ]);

    expect(await scalarOf(server, "node_memory_MemTotal_bytes")).toBe(totalmem());
    const sent = await untilQuery(server, "rate(node_network_transmit_bytes_total[1m])", (result) => result.length > 0);
    expect(sent.some(({ metric }) => metric["device"] === "lo")).toBe(true);
    for (const { value } of sent) expect(Number(value[1])).toBeGreaterThanOrEqual(0);

    execFileSync("sh", [
      "-c",
      `echo "some_metric 3.14" | curl -sS --fail --data-binary @- ${gateway}/metrics/job/some_job`,
    ]);
    const pushed = await untilQuery(server, "some_metric", (result) => result.length === 1);
    expect(pushed[0]!.value[1]).toBe("3.14");
    expect(pushed[0]!.metric["job"]).toBe("some_job");

    const exporter = pidOfExporter(9100 + offset);
    process.kill(exporter, "SIGKILL");
    await untilQuery(
      server,
      'up{job="node"} == 1 and changes(process_start_time_seconds{job="node"}[2m]) > 0',
      (result) => result.length === 1,
    );
    await up.printed(/node-exporter ended \(SIGKILL\)/);

    const { activeAlertmanagers } = await api<{ activeAlertmanagers: readonly { url: string }[] }>(
      server,
      "alertmanagers",
    );
    expect(activeAlertmanagers.map(({ url }) => url)).toEqual([`http://localhost:${9093 + offset}/api/v2/alerts`]);
    expect((await instant(server, "ALERTS{alertstate='firing'}")).length).toBe(0);

    {
      await using second = narthex(["up", `--data-dir=${workplace.path("other")}`, `--port-offset=${offset}`]);
      expect(await second.ended).toEqual({ code: 1, signal: null });
      expect(second.stdout).not.toContain("Ready.");
      expect(second.output).toMatch(/server did not start: another program uses port \d+/);
    }

    up.kill("SIGINT");
    expect(await up.ended).toEqual({ code: 0, signal: null });
    for (const port of [9090, 9091, 9093, 9100]) {
      await expect(fetch(`http://127.0.0.1:${port + offset}/`)).rejects.toThrow();
    }
  },
);

/** Returns the process id of the node exporter that has this port in its flags. */
function pidOfExporter(port: number): number {
  // pgrep runs without a shell, because it would otherwise find the shell's command line.
  const out = execFileSync("pgrep", ["-f", "--", `node-exporter --web.listen-address=127.0.0.1:${port}`], {
    encoding: "utf8",
  });
  return Number(out.trim().split("\n")[0]);
}
