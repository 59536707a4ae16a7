import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { loadavg } from "node:os";

/** The command that repeats a run, and the other load of the machine. */
export interface BenchRun {
  /** The commit of the checkout; with `-dirty` if files differed from it. */
  readonly commit: string;
  /** Words and environment variables of the command. */
  readonly arguments: readonly string[];
  /** Mean number of running and waiting processes over a minute before the run. */
  readonly load: number;
  /** Cores that processes other than the benchmark's used on average during the run. */
  readonly otherCores: number;
}

/** Begins to observe the machine. The returned function ends the observation and returns its results. */
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

/** CPU time of the machine in ticks, without this process and its children that have ended. */
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
