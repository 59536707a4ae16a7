import { spawn } from "node:child_process";
import { connect } from "node:net";
import { join } from "node:path";
import type { Host } from "@narthex/runtime";
import { httpStatus } from "../up/http-status.ts";

export interface CommandResult {
  /** Exit status; 127 if the program does not exist. */
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The machine on which services are installed. Tests pass a fake machine. */
export interface System {
  readonly host: Host;
  readonly platform: NodeJS.Platform;
  /** User id of this process. Undefined if the system has no user ids. */
  readonly uid: number | undefined;
  /** Folder that is used as the root of the file system. */
  readonly root: string;
  /** Whether files are only written below another root, and no command is run. */
  readonly isStaged: boolean;
  readonly execPath: string;
  readonly script: string;
  /** Runs a program to its end; never rejects. */
  run(command: string, args: readonly string[]): Promise<CommandResult>;
  /** Runs a program that uses this program's terminal. Resolves with its exit status. */
  handOver(command: string, args: readonly string[]): Promise<number>;
  /** Reports whether a program listens at an address. */
  isListening(host: string, port: number): Promise<boolean>;
  /** Sends a GET request. Resolves with the status, or with undefined if there is no answer. */
  httpStatus(host: string, port: number, path: string): Promise<number | undefined>;
}

/** Returns a path below the folder that is used as the root. */
export const rooted = ({ root }: Pick<System, "root">, path: string): string =>
  root === "/" ? path : join(root, path);

const PROBE_LIMIT_MS = 2000;

export const thisSystem = (host: Host): System => ({
  host,
  platform: process.platform,
  uid: process.getuid?.(),
  root: "/",
  isStaged: false,
  execPath: process.execPath,
  script: process.argv[1] ?? "",
  run,
  handOver,
  isListening: (address, port) => isListening(address, port),
  httpStatus: (address, port, path) => httpStatus(port, path, PROBE_LIMIT_MS, address),
});

function run(command: string, args: readonly string[]): Promise<CommandResult> {
  return new Promise((resolve) => {
    // The output of programs is parsed, so it must be in English whatever the user's language.
    const env = { ...process.env, LC_ALL: "C.UTF-8" };
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], env, windowsHide: true });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    child.once("error", (error) => resolve({ status: 127, stdout, stderr: `${command}: ${error.message}` }));
    child.once("close", (code) => resolve({ status: code ?? 1, stdout, stderr }));
  });
}

function handOver(command: string, args: readonly string[]): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: "inherit" });
    child.once("error", () => resolve(127));
    child.once("close", (code) => resolve(code ?? 1));
  });
}

function isListening(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (answer: boolean): void => {
      resolve(answer);
      socket.destroy();
    };
    socket.setTimeout(PROBE_LIMIT_MS, () => end(false));
    socket.once("connect", () => end(true));
    socket.once("error", () => end(false));
  });
}
