import { existsSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { eventually, Fatal } from "../support/eventually.ts";
import { freePort } from "../support/ports.ts";
import { root, Running, launcher } from "../support/running.ts";
import type { Workplace } from "../support/workplace.ts";
import type { Container, Probe } from "./cluster-object.ts";

export type Role = "server" | "alertmanager" | "pushgateway" | "node-exporter" | "dashboards";

/** A container of a pod that is run as a process of this machine, and the contents of its volumes. */
export interface ContainerRun {
  readonly role: Role;
  readonly container: Pick<Container, "args" | "startupProbe" | "readinessProbe" | "livenessProbe">;
  /** Environment variables that the kubelet would set in the container. */
  readonly env?: Readonly<Record<string, string>>;
  /** Container paths at which an empty folder is mounted. */
  readonly folders?: readonly string[];
  /** Symbolic links to create, from paths in the container to paths on this machine. */
  readonly links?: Readonly<Record<string, string>>;
  /**
   * Contents of files that are mounted into the container, by path. Container paths in the contents are replaced by
   * paths on this machine.
   */
  readonly files?: Readonly<Record<string, string>>;
}

/**
 * Returns the files and folders of `deploy` that the container image of a server contains, as a map from the path in
 * the image to the path on this machine.
 */
export function imageFiles(role: Role): Readonly<Record<string, string>> {
  const dockerfile = readFileSync(join(root, "deploy/docker/Dockerfile"), "utf8");
  const stage = dockerfile.split(/^FROM /m).find((text) => text.split("\n", 1)[0]!.endsWith(` AS ${role}`))!;
  const copied = stage.matchAll(/^COPY (deploy\/\S+) (\S+)$/gm);
  return Object.fromEntries([...copied].map(([, from, to]) => [to!, join(root, from!)]));
}

/**
 * Matches an absolute container path by its first folder. Excludes a path after a slash, quote or letter, because it is
 * a part of another path.
 */
const ABSOLUTE =
  /(?<![\w/.:-])\/(?:alertmanager|data|etc|host|narthex|prometheus|pushgateway|usr|var)(?=[/"',\s\]}]|$)/gm;

/** Command line flags whose value is a URL path, not a file path. */
const URL_PATHS = /^--web\.(?:route-prefix|external-url|telemetry-path)=/;

/**
 * A container that runs as a process of this machine. A temporary folder takes the place of the root folder, and ports
 * are replaced by free ports.
 */
export class MovedContainer implements AsyncDisposable {
  readonly base: string;
  readonly running: Running;
  readonly #container: ContainerRun["container"];

  private constructor(base: string, running: Running, container: ContainerRun["container"]) {
    this.base = base;
    this.running = running;
    this.#container = container;
  }

  static async start(workplace: Workplace, run: ContainerRun): Promise<MovedContainer> {
    const { role, container, env = {}, folders = [], links = {}, files = {} } = run;
    for (const folder of folders) mkdirSync(workplace.path(folder), { recursive: true });
    for (const [path, text] of Object.entries(files)) workplace.write(path, moved(text, workplace));
    for (const [path, target] of Object.entries({ ...imageFiles(role), ...links })) link(workplace, path, target);
    const port = await freePort();
    const cluster = await freePort();
    const args = (container.args ?? [])
      .map((arg) => arg.replace(/\$\((\w+)\)/g, (whole, name: string) => env[name] ?? whole))
      .map((arg) => (URL_PATHS.test(arg) ? arg : moved(arg, workplace)))
      .map((arg) => arg.replace(/^(--cluster\.(?:listen-address|peer)=.*):9094$/, `$1:${cluster}`))
      .filter((arg) => !arg.startsWith("--web.listen-address="));
    const listening = role === "dashboards" ? [] : [`--web.listen-address=127.0.0.1:${port}`];
    const running = new Running(launcher, [role, ...args, ...listening], {
      cwd: workplace.folder,
      env: { ...process.env, ...env, ...(role === "dashboards" ? dashboardPaths(workplace, port) : {}) },
    });
    return new MovedContainer(`http://127.0.0.1:${port}`, running, container);
  }

  /** Waits until each of the container's probes has succeeded. */
  async probed(): Promise<void> {
    const { startupProbe, readinessProbe, livenessProbe } = this.#container;
    for (const probe of [startupProbe, readinessProbe, livenessProbe]) {
      // oxlint-disable-next-line no-await-in-loop -- the kubelet probes readiness after the start
      if (probe !== undefined) await this.#succeeds(probe);
    }
  }

  /** Sends an HTTP request to the container, as a client inside its pod would. */
  request(path: string, init: RequestInit = {}): Promise<Response> {
    return fetch(this.base + path, init);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.running[Symbol.asyncDispose]();
  }

  #succeeds({ httpGet }: Probe): Promise<void> {
    return eventually(`the probe ${httpGet!.path}`, async () => {
      if (this.running.hasEnded) throw new Fatal(this.running.output);
      const { status } = await this.request(httpGet!.path);
      if (status < 200 || status >= 400) throw new Error(`status ${status}`);
    });
  }
}

/** Replaces the container's paths in a text by paths below the test's temporary folder. */
export const moved = (text: string, workplace: Workplace): string =>
  text.replace(ABSOLUTE, (path) => workplace.folder + path);

function link(workplace: Workplace, path: string, target: string): void {
  const from = workplace.path(path);
  if (existsSync(from)) return;
  mkdirSync(dirname(from), { recursive: true });
  symlinkSync(target, from);
}

/**
 * Returns the environment variables of the container image with replaced paths, and the listen address of the
 * dashboards server.
 */
const dashboardPaths = (workplace: Workplace, port: number): Readonly<Record<string, string>> => ({
  GF_PATHS_CONFIG: workplace.path("etc/grafana/grafana.ini"),
  GF_PATHS_DATA: workplace.path("var/lib/grafana"),
  GF_PATHS_PROVISIONING: workplace.path("etc/grafana/provisioning"),
  GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH: workplace.path("narthex/dashboards/overview.json"),
  GF_SERVER_HTTP_ADDR: "127.0.0.1",
  GF_SERVER_HTTP_PORT: String(port),
});
