import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Clock } from "@narthex/runtime";
import { testHost, type TestHost } from "@narthex/runtime/testing";
import { runService } from "../main.ts";
import type { CommandResult, System } from "../system.ts";

const result = (status: number, stdout = ""): CommandResult => ({ status, stdout, stderr: "" });

/** A clock whose sleeps end immediately. */
function impatientClock(): Clock {
  let ms = 0;
  return {
    now: () => ms,
    monotonic: () => ms,
    sleep: async (wait) => void (ms += wait),
    after: () => () => {},
  };
}

/** A fake machine in a folder. Programs of init systems are simulated, files are real. */
export class FakeSystem implements Disposable {
  readonly root: string = mkdtempSync(join(tmpdir(), "narthex-service-"));
  platform: NodeJS.Platform = "linux";
  uid: number | undefined = 0;
  readonly users = new Set<string>();
  readonly groups = new Map<string, string>();
  readonly active = new Set<string>();
  /** Services of packages that are enabled. Services that `narthex service install` installs are always enabled. */
  readonly enabled = new Set<string>();
  /** Services that exit immediately after each start. */
  readonly broken = new Set<string>();
  /** Services that end and are restarted between two polls. */
  readonly restarting = new Set<string>();
  readonly closed = new Set<string>();
  readonly listening = new Set<number>();
  readonly commands: string[] = [];
  /** Paths on Windows that are owned by a user without administrator rights. */
  readonly foreign: string[] = [];
  readonly journal = new Map<string, string>();
  env: Readonly<Record<string, string>> = { SUDO_USER: "eve" };
  httpAnswer: number | undefined = 200;
  #pid = 42;
  /** Number of coming attempts to load a daemon that fail because launchd still uses the label. */
  busy = 0;

  constructor() {
    chmodSync(this.root, 0o755);
    mkdirSync(this.path("/run/systemd/system"), { recursive: true });
    this.write("/opt/narthex/bin/narthex", "#!/bin/sh\n", 0o755);
  }

  path(path: string): string {
    return join(this.root, path);
  }

  write(path: string, text: string, mode = 0o644): void {
    mkdirSync(dirname(this.path(path)), { recursive: true });
    writeFileSync(this.path(path), text);
    chmodSync(this.path(path), mode);
  }

  read(path: string): string {
    return readFileSync(this.path(path), "utf8");
  }

  bytes(path: string): Buffer {
    return readFileSync(this.path(path));
  }

  has(path: string): boolean {
    return existsSync(this.path(path));
  }

  async service(...args: readonly string[]): Promise<{ status: number; stdout: string; stderr: string }> {
    const host: TestHost = testHost([...args], {
      cwd: "/work",
      clock: impatientClock(),
      env: {
        NARTHEX_LAUNCHER: "/opt/narthex/bin/narthex",
        NARTHEX_UI_DIR: "/none",
        NARTHEX_DOCS_DIR: "/none",
        ...this.env,
      },
    });
    const system: System = {
      host,
      platform: this.platform,
      uid: this.uid,
      root: this.root,
      isStaged: false,
      execPath: "/usr/bin/node",
      script: "/opt/narthex/main.js",
      run: async (command, words) => {
        this.commands.push([command, ...words].join(" "));
        return this.#run(command, words);
      },
      handOver: async (command, words) => {
        this.commands.push([command, ...words].join(" "));
        return 0;
      },
      isListening: async (_, port) => this.listening.has(port),
      httpStatus: async () => this.httpAnswer,
    };
    const status = await runService(host, system);
    return { status, ...host.output };
  }

  #run(command: string, words: readonly string[]): CommandResult {
    const last = words.at(-1)!;
    switch (command) {
      case "getent":
        if (words[0] === "passwd") return result(this.users.has(last) ? 0 : 2);
        return this.groups.has(last) ? result(0, `${this.groups.get(last)!}:x:${last}:\n`) : result(2);
      case "useradd":
        this.users.add(last);
        return result(0);
      case "runuser":
        return result(this.closed.has(last) ? 1 : 0);
      case "id":
        return result(this.users.has(last) ? 0 : 1);
      case "sudo":
        return result(this.closed.has(last) ? 1 : 0);
      case "chown":
      case "icacls.exe":
        return result(this.has(words.find((word) => /^(?:\/|C:)/.test(word))!) ? 0 : 1);
      case "net.exe":
        return result(this.uid === 0 ? 0 : 2);
      case "ps":
        return result(0, "Mon\n");
      case "launchctl":
        return this.#launchctl(words[0]!, last);
      case "schtasks.exe":
        return this.#schtasks(words[0]!, words[2]!);
      case "powershell.exe":
        return this.#powershell(last);
      case "systemctl":
        return this.#systemctl(words[0]!, last.replace(/\.service$/, ""));
      case "journalctl":
        return result(0, this.journal.get(words[1]!.replace(/\.service$/, "")) ?? "");
      default:
        return result(127);
    }
  }

  #systemctl(verb: string, unit: string): CommandResult {
    if (verb === "is-active") return result(this.active.has(unit) ? 0 : 3);
    if (verb === "is-enabled") return result(this.enabled.has(unit) ? 0 : 1);
    if (verb === "restart" && !this.broken.has(unit)) this.active.add(unit);
    if (verb === "disable") for (const list of [this.active, this.enabled]) list.delete(unit);
    if (verb !== "show") return result(0);
    if (unit.startsWith("narthex-") && !this.active.has(unit) && !this.enabled.has(unit))
      return result(0, "LoadState=loaded\nActiveState=inactive\nSubState=dead\nUnitFileState=disabled\nMainPID=0\n");
    const state = this.active.has(unit) ? "active\nSubState=running" : "activating\nSubState=auto-restart";
    return result(
      0,
      `LoadState=loaded\nActiveState=${state}\nUnitFileState=enabled\nMainPID=${this.restarting.has(unit) ? this.#pid++ : 42}\nStateChangeTimestamp=Mon\n`,
    );
  }

  #launchctl(verb: string, target: string): CommandResult {
    const label = target.replace(/^system\/|^.*\/|\.plist$/g, "");
    const isActive = this.active.has(label);
    if (verb === "bootout") return result(this.active.delete(label) ? 0 : 3);
    if (verb === "bootstrap") {
      // While the old process still uses the label, launchd reports this error.
      if (this.busy-- > 0) return result(5);
      this.active.add(label);
    }
    if (verb !== "print") return result(0);
    const state = this.broken.has(label) ? "spawn scheduled\n\tlast exit code = 1" : "running\n\tpid = 42";
    return isActive ? result(0, `${target} = {\n\tactive count = 1\n\tstate = ${state}\n}\n`) : result(113);
  }

  #schtasks(verb: string, task: string): CommandResult {
    if (verb === "/run" || verb === "/create") this.active.add(task);
    if (verb === "/delete") this.active.delete(task);
    if (verb === "/query") return result(this.active.has(task) ? 0 : 1);
    return result(0);
  }

  #powershell(script: string): CommandResult {
    if (script.includes("exit 1")) return result(0);
    if (script.includes("GetOwner")) return result(0, this.foreign.map((path) => `${path}\r\n`).join(""));
    const name = /-TaskName '([^']*)'/.exec(script)?.[1];
    if (name === undefined) return result(0, "");
    return this.active.has(`\\Narthex\\${name}`)
      ? result(0, '{"state":"Running","result":267009,"since":"2026"}\r\n')
      : result(1);
  }

  [Symbol.dispose](): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}
