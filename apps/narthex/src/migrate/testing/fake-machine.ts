import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { testHost } from "@narthex/runtime/testing";
import type { System } from "../../service/system.ts";
import { runMigrate } from "../migrate.ts";

interface FakeProcess {
  readonly pid: number;
  readonly words: readonly string[];
  readonly cwd?: string;
  readonly env?: readonly string[];
  readonly uid?: number;
  readonly cgroup?: string;
}

/** A fake machine in a folder, with processes, units and files. `narthex migrate` runs in its folder `work`. */
export class FakeMachine implements Disposable {
  readonly root: string = mkdtempSync(join(tmpdir(), "narthex-migrate-"));
  readonly work: string = this.path("/work");
  /** Runs a command of this machine; by default it prints nothing and succeeds. */
  run: System["run"] = async () => ({ status: 0, stdout: "", stderr: "" });

  constructor() {
    chmodSync(this.root, 0o755);
    mkdirSync(this.work);
    this.write("/opt/narthex/bin/narthex", "#!/bin/sh\n");
    this.write("/etc/passwd", "root:x:0:0::/root:/bin/sh\nprometheus:x:101:101::/:/bin/false\n");
  }

  path(path: string): string {
    return join(this.root, path);
  }

  write(path: string, text: string): void {
    mkdirSync(dirname(this.path(path)), { recursive: true });
    writeFileSync(this.path(path), text);
  }

  read(path: string): string {
    return readFileSync(this.path(path), "utf8");
  }

  has(path: string): boolean {
    return existsSync(this.path(path));
  }

  process({ pid, words, cwd = "/", env = [], uid = 0, cgroup = "0::/user.slice" }: FakeProcess): void {
    const folder = `/proc/${pid}`;
    const [program = ""] = words;
    this.write(`${folder}/cmdline`, words.map((word) => `${word}\0`).join(""));
    this.write(`${folder}/environ`, env.map((word) => `${word}\0`).join(""));
    this.write(
      `${folder}/status`,
      `Name:\tx\nState:\tS (sleeping)\nUid:\t${uid}\t${uid}\t${uid}\t${uid}\nGid:\t${uid}\t${uid}\t${uid}\t${uid}\n`,
    );
    this.write(`${folder}/comm`, `${program.slice(program.lastIndexOf("/") + 1, 15)}\n`);
    this.write(`${folder}/cgroup`, `${cgroup}\n`);
    symlinkSync(program, this.path(`${folder}/exe`));
    symlinkSync(cwd, this.path(`${folder}/cwd`));
  }

  /**
   * Makes a process look like another user's process: its executable, working directory and environment are not
   * readable.
   */
  hide(pid: number): void {
    for (const name of ["exe", "cwd", "environ"]) rmSync(this.path(`/proc/${pid}/${name}`));
  }

  async migrate(
    args: readonly string[],
    options: { readonly platform?: NodeJS.Platform; readonly env?: Readonly<Record<string, string>> } = {},
  ): Promise<{ readonly status: number; readonly stdout: string; readonly stderr: string }> {
    const host = testHost(args, {
      cwd: this.work,
      env: { NARTHEX_LAUNCHER: "/opt/narthex/bin/narthex", ...options.env },
    });
    const system: System = {
      host,
      platform: options.platform ?? "linux",
      uid: 0,
      root: this.root,
      isStaged: false,
      execPath: "/usr/bin/node",
      script: "/opt/narthex/main.js",
      run: (command, args) => this.run(command, args),
      handOver: async () => 0,
      isListening: async () => false,
      httpStatus: async () => undefined,
    };
    const status = await runMigrate(host, system);
    return { status, ...host.output };
  }

  async plan(...args: readonly string[]): Promise<PrintedPlan> {
    const { stdout, stderr } = await this.migrate(["--json", ...args]);
    if (stdout === "") throw new Error(stderr);
    return JSON.parse(stdout) as PrintedPlan;
  }

  [Symbol.dispose](): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

interface PrintedPlan {
  readonly verdict: string;
  readonly roles: readonly {
    readonly role: string;
    readonly origin: { readonly kind: string };
    readonly target: string;
    readonly wouldRun: readonly string[];
    readonly user: string;
    readonly variables: readonly string[];
    readonly configuration: readonly string[];
    readonly data: readonly { readonly path: string; readonly text: string }[];
    readonly notes: readonly { readonly level: string; readonly text: string }[];
  }[];
  readonly leftOut: readonly string[];
  readonly files: readonly string[];
}
