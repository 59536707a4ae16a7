import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";

/** Number of targets in a process: half of the usual limit of open files. */
const PER_PROCESS = 2500;

interface Part {
  readonly child: ChildProcess;
  readonly first: number;
  readonly count: number;
}

/** Thousands of targets, each with its own address, in several processes. */
export class ManyTargets implements AsyncDisposable {
  readonly #parts: readonly Part[];

  private constructor(parts: readonly Part[]) {
    this.#parts = parts;
  }

  /** @param series number for each target */
  static async start(targets: number, series: number): Promise<ManyTargets> {
    const parts: Part[] = [];
    for (let first = 0; first < targets; first += PER_PROCESS) {
      const count = Math.min(PER_PROCESS, targets - first);
      const args = [first, count, series].map(String);
      const child = fork(new URL("many-targets-process.ts", import.meta.url), args, { execArgv: [] });
      await once(child, "message");
      parts.push({ child, first, count });
    }
    return new ManyTargets(parts);
  }

  async addresses(): Promise<string[]> {
    const out: string[] = [];
    for (const { child, first, count } of this.#parts) {
      const { port } = await requestReport(child);
      for (let i = first; i < first + count; i++) out.push(`127.1.${i >> 7}.${1 + (i & 127)}:${port}`);
    }
    return out;
  }

  async scrapes(): Promise<number> {
    const answers = await Promise.all(this.#parts.map(({ child }) => requestReport(child)));
    return answers.reduce((sum, { scrapes }) => sum + scrapes, 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(
      this.#parts.map(async ({ child }) => {
        if (child.exitCode !== null) return;
        const exited = once(child, "exit");
        child.disconnect();
        await exited;
      }),
    );
  }
}

async function requestReport(child: ChildProcess): Promise<{ readonly port: number; readonly scrapes: number }> {
  child.send("ask");
  const [answer] = (await once(child, "message")) as [{ port: number; scrapes: number }];
  return answer;
}
