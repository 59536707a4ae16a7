import { type ChildProcess, spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import type { Clock, Host } from "@narthex/runtime";
import { RenderError } from "../render-error.ts";
import { makeProfile, removeProfile } from "./browser-profiles.ts";
import { DevToolsPipe } from "./dev-tools-pipe.ts";
import { groupMemory } from "./group-memory.ts";

export interface BrowserOptions {
  readonly clock: Clock;
  readonly env: Host["env"];
  /** Path of the browser. */
  readonly program: string;
  /** Whether the browser isolates its renderer processes with the sandbox of the system. */
  readonly hasSandbox: boolean;
  /** Maximum resident memory of all its processes, bytes. */
  readonly maxBytes: number;
  /** Maximum time of the whole rendering, ms. */
  readonly timeoutMs: number;
  /** The only host and port that the browser can reach, in the form of its pages: `example.org:3000`. */
  readonly host: string;
  /** Address to which connections to `host` go: `127.0.0.1:3000`. */
  readonly listenAddress: string;
  readonly signal: AbortSignal;
}

/** Time in ms between two looks at the memory of the browser. */
const MEMORY_INTERVAL_MS = 500;
/** Maximum number of characters of the browser's own messages in an error message. */
const MAX_WORDS = 300;

/**
 * Environment variables that the browser gets. Other variables are withheld, because they may contain passwords of
 * this server.
 */
const VARIABLES = ["PATH", "LANG", "LC_ALL", "FONTCONFIG_FILE", "FONTCONFIG_PATH", "LD_LIBRARY_PATH"];

const FLAGS: readonly string[] = [
  "--headless",
  "--remote-debugging-pipe",
  "--no-first-run",
  "--no-default-browser-check",
  "--no-proxy-server",
  // WebRTC sends packets to addresses, to which the rules for names do not apply. Older versions need the second flag.
  "--webrtc-ip-handling-policy=disable_non_proxied_udp",
  "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
  "--no-pings",
  "--disable-gpu",
  "--disable-extensions",
  "--disable-sync",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-default-apps",
  "--disable-domain-reliability",
  "--disable-client-side-phishing-detection",
  "--disable-breakpad",
  "--disable-quic",
  "--disable-features=Translate,MediaRouter,OptimizationHints,DnsOverHttps",
  // Containers often have only 64 MiB of /dev/shm. The browser then uses the folder for temporary files instead.
  "--disable-dev-shm-usage",
  "--font-render-hinting=none",
  "--hide-scrollbars",
  "--mute-audio",
  // Connections to this server are not verified, because its certificate has another name than the loopback address.
  "--ignore-certificate-errors",
  "about:blank",
];

/**
 * Runs the browser for one rendering, and ends all its processes afterwards. The browser can only connect to this
 * server. Rejects with RenderError if the browser cannot be started, needs too much time or memory, or ends.
 */
export async function withBrowser<T>(options: BrowserOptions, use: (pipe: DevToolsPipe) => Promise<T>): Promise<T> {
  const profile = await makeProfile();
  try {
    return await inProfile(options, profile, use);
  } finally {
    await removeProfile(profile);
  }
}

async function inProfile<T>(
  options: BrowserOptions,
  profile: string,
  use: (pipe: DevToolsPipe) => Promise<T>,
): Promise<T> {
  const { clock, program, signal } = options;
  const child = spawn(program, argumentsOf(options, profile), {
    stdio: ["ignore", "ignore", "pipe", "pipe", "pipe"],
    // A process group of its own, so that all processes of the browser can be ended together.
    detached: true,
    cwd: profile,
    env: environmentOf(options.env, profile),
  });
  const [, , , input, output] = child.stdio;
  const pipe = new DevToolsPipe(input as Writable, output as Readable);
  const ended = watchEnd(child, pipe, options);
  const cancelTimeout = clock.after(options.timeoutMs, () =>
    pipe.fail(new RenderError(`the rendering took longer than ${options.timeoutMs / 1000} s`)),
  );
  const onAbort = (): void => pipe.fail(new RenderError("the rendering was cancelled"));
  signal.addEventListener("abort", onAbort, { once: true });
  if (signal.aborted) onAbort();
  const stopWatch = watchMemory(child, pipe, options);
  const failed = Promise.withResolvers<never>();
  pipe.onFailure(failed.reject);
  try {
    return await Promise.race([use(pipe), failed.promise]);
  } finally {
    cancelTimeout();
    stopWatch();
    signal.removeEventListener("abort", onAbort);
    pipe.fail(new RenderError("the rendering has ended"));
    killGroup(child);
    await ended;
  }
}

function argumentsOf({ host, listenAddress, hasSandbox }: BrowserOptions, profile: string): readonly string[] {
  return [
    ...(hasSandbox ? [] : ["--no-sandbox"]),
    `--user-data-dir=${profile}`,
    // All names and addresses except this server's are unknown to the browser, also for frames, workers and sockets.
    `--host-resolver-rules=MAP ${host} ${listenAddress}, MAP * ~NOTFOUND`,
    ...FLAGS,
  ];
}

function environmentOf(env: Host["env"], profile: string): NodeJS.ProcessEnv {
  const made: NodeJS.ProcessEnv = { HOME: profile, TMPDIR: profile };
  for (const name of VARIABLES) if (env[name] !== undefined) made[name] = env[name];
  return made;
}

/** Fails the pipe when the process ends or cannot be started. Resolves when the process has ended. */
function watchEnd(child: ChildProcess, pipe: DevToolsPipe, { program, hasSandbox }: BrowserOptions): Promise<void> {
  let words = "";
  child.stderr!.setEncoding("utf8").on("data", (text: string) => {
    words = (words + text).slice(-4 * MAX_WORDS);
  });
  return new Promise((resolve) => {
    child.once("error", (error) => {
      pipe.fail(new RenderError(`${program} cannot be started: ${error.message}; check rendering.browser`));
      resolve();
    });
    child.once("exit", (code, killedBy) => {
      const hint =
        hasSandbox && words.includes("sandbox")
          ? "; the browser's sandbox needs a user other than root and user namespaces, see rendering.sandbox"
          : "";
      pipe.fail(new RenderError(`the browser ended with ${killedBy ?? `status ${code}`}${hint}`));
      resolve();
    });
  });
}

/** Fails the pipe when the browser needs too much memory. Returns a function that ends the watch. */
function watchMemory(child: ChildProcess, pipe: DevToolsPipe, { clock, maxBytes }: BrowserOptions): () => void {
  let isOver = false;
  let cancel = (): void => undefined;
  const look = async (): Promise<void> => {
    const bytes = child.pid === undefined ? 0 : await groupMemory(child.pid);
    if (isOver) return;
    if (bytes > maxBytes) {
      pipe.fail(new RenderError(`the browser needed more than ${Math.round(maxBytes / 1024 / 1024)} MiB of memory`));
      killGroup(child);
    } else cancel = clock.after(MEMORY_INTERVAL_MS, () => void look());
  };
  cancel = clock.after(MEMORY_INTERVAL_MS, () => void look());
  return () => {
    isOver = true;
    cancel();
  };
}

function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // All processes of the group have ended.
  }
}
