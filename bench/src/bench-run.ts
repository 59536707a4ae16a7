import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { loadavg } from "node:os";

/** Facts about a benchmark run: how to repeat the run, and how busy the machine was. */
export interface BenchRun {
  /** Git commit of the checkout, with the suffix `-dirty` if files were changed. */
  readonly commit: string;
  /** Command-line arguments and environment variables of the run. */
  readonly arguments: readonly string[];
  /** Mean number of running and waiting processes over a minute before the run. */
  readonly load: number;
  /** Average number of CPU cores that other processes used during the run. */
  readonly otherCores: number;
}

/** Begins to observe the machine. The returned function ends the observation and returns the results. */
export function beginRun(): () => BenchRun {
  const [load, begunCommit] = [round(loadavg()[0]!), commit()];
  const [began, ticks] = [performance.now(), otherTicks()];
  return () => {
    const seconds = (performance.now() - began) / 1000;
    const otherCores = Math.max(0, round((otherTicks() - ticks) / TICKS_PER_SECOND / seconds));
    return { commit: begunCommit, arguments: commandWords(), load, otherCores };
  };
}

const TICKS_PER_SECOND = 100;

const round = (value: number): number => Number(value.toFixed(2));

/** Returns the CPU time of the machine in ticks, without the time of this process and of its ended child processes. */
function otherTicks(): number {
  // The fields are user, nice, system; utime, stime, cutime, cstime: https://man7.org/linux/man-pages/man5/proc_stat.5.html
  const all = readFileSync("/proc/stat", "utf8").split("\n", 1)[0]!.split(/ +/).slice(1, 4);
  const stat = readFileSync("/proc/self/stat", "utf8");
  const own = stat
    .slice(stat.lastIndexOf(")") + 2)
    .split(" ")
    .slice(11, 15);
  return sum(all) - sum(own);
}

const sum = (texts: readonly string[]): number => texts.reduce((total, text) => total + Number(text), 0);

function commandWords(): string[] {
  const environment = Object.entries(process.env)
    .filter(([name]) => name.startsWith("NARTHEX_BENCH_"))
    .map(([name, value]) => `${name}=${value ?? ""}`);
  return [...environment, ...process.argv.slice(2).filter((word) => word !== "--save")];
}

function commit(): string {
  const { status, stdout } = spawnSync("git", ["describe", "--always", "--dirty"], {
    cwd: import.meta.dirname,
    encoding: "utf8",
  });
  return status === 0 ? stdout.trim() : "unknown";
}
