import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { image as plainImage, socket } from "../../support/docker.ts";
import { freePort } from "../../support/ports.ts";
import { peers } from "../../support/requirements.ts";
import { launcher, root } from "../../support/running.ts";
import { Workplace } from "../../support/workplace.ts";

const here = import.meta.dirname;

/** Original programs, such as Prometheus, whose images are built for this test. */
const PROGRAMS = ["prometheus-alertmanager", "amtool", "prometheus-pushgateway", "prometheus-node-exporter"];

/** Whether any of the original programs is missing on this machine. */
export const lacksPrograms: boolean = PROGRAMS.some((name) => !existsSync(join(peers, name)));

/** Selects the images of a compose project: images of the original programs (such as Prometheus) or our images. */
export type ImageOwner = "theirs" | "ours";

/**
 * Names of services in our compose file; our images have the same names. The key is the last part of the original
 * image's name.
 */
const SERVICES: Readonly<Record<string, string>> = {
  prometheus: "server",
  alertmanager: "alertmanager",
  pushgateway: "pushgateway",
  "node-exporter": "node-exporter",
  cadvisor: "cadvisor",
  grafana: "dashboards",
};
const STAND_INS = ["prometheus", "alertmanager", "pushgateway", "node-exporter"];
/** Folders that may contain the templates of Debian's Alertmanager. Other builds have the templates in the program. */
const TEMPLATES = ["/usr/share/prometheus/alertmanager", join(peers, "../share/prometheus/alertmanager")];
// Returns the name under which a test image is tagged. `migrate` recognizes images of the original programs by such
// names. The registry does not exist, so Docker cannot pull another image.
const standIn = (name: string): string => `originals.invalid/prom/${name}`;

const execute = promisify(execFile);
let projects = 0;

/** Output of a docker command; rejects if it failed. */
async function run(args: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<string> {
  try {
    const { stdout } = await execute("docker", args, { env, maxBuffer: 2 ** 26 });
    return stdout.trim();
  } catch (cause) {
    const { stdout = "", stderr = "" } = cause as { stdout?: string; stderr?: string };
    throw new Error(`docker ${args.join(" ")}:\n${stdout}${stderr}`, { cause });
  }
}

/** Builds the images of the original programs and our images. Docker's cache provides unchanged images. */
export async function buildImages(): Promise<void> {
  await run(["compose", "--project-directory", root, "--profile", "containers", "build", ...Object.values(SERVICES)]);
  const templates = TEMPLATES.find((folder) => existsSync(folder)) ?? join(here, "originals");
  for (const name of STAND_INS) {
    const from = ["-f", join(here, "originals/Dockerfile"), "--build-context", `templates=${templates}`];
    await run(["build", "-q", ...from, "--target", name, "-t", standIn(name), peers]);
  }
}

/** A compose project from a folder next to this file. Only the image names in its compose file are changed. */
export class ComposeProject implements AsyncDisposable {
  readonly name: string;
  readonly #workplace = new Workplace();
  readonly #text: string;
  readonly #env: NodeJS.ProcessEnv;

  private constructor(folder: string, ports: Readonly<Record<string, number>>) {
    this.name = `narthex-swap-${folder}-${process.pid}-${++projects}`;
    cpSync(join(here, folder), this.#workplace.folder, { recursive: true });
    this.#text = readFileSync(this.path("docker-compose.yml"), "utf8");
    const named = Object.entries(ports).map(([name, port]) => [`${name}_PORT`, String(port)]);
    this.#env = { ...process.env, BIND: "127.0.0.1", DOCKER_FOLDER: dirname(socket), ...Object.fromEntries(named) };
    chmodSync(this.#workplace.folder, 0o755);
  }

  /** @param names variables of the files for published ports, without `_PORT` */
  static async of<Name extends string>(
    folder: string,
    names: readonly Name[],
  ): Promise<{ project: ComposeProject; at: Readonly<Record<Name, string>> }> {
    const ports = new Map<Name, number>();
    for (const name of names) ports.set(name, await freePort());
    const at = Object.fromEntries([...ports].map(([name, port]) => [name, `http://127.0.0.1:${port}`]));
    const project = new ComposeProject(folder, Object.fromEntries(ports));
    return { project, at: at as Record<Name, string> };
  }

  path(...parts: string[]): string {
    return this.#workplace.path(...parts);
  }

  /** Creates a folder of the project and gives it to a user of the containers. */
  async giveFolder(name: string, owner: string): Promise<void> {
    mkdirSync(this.path(name));
    await this.#asRoot(this.#workplace.folder, "chown", owner, `/mounted/${name}`);
  }

  /** Starts services with these images, by default all services, and waits until they are healthy. */
  async up(owner: ImageOwner, ...services: string[]): Promise<void> {
    const nameOf = (original: string): string =>
      owner === "ours" ? `narthex/${SERVICES[original]!}` : standIn(original);
    const text = this.#text.replace(
      /^( *image: )[\w./-]+\/([\w-]+):\S+$/gm,
      (_, start: string, name: string) => start + nameOf(name),
    );
    writeFileSync(this.path("docker-compose.yml"), text);
    try {
      await this.compose("up", "-d", "--wait", "--wait-timeout", "300", ...services);
    } catch (error) {
      throw new Error(`${String(error)}\n${await this.compose("logs", "--tail", "20")}`, { cause: error });
    }
  }

  compose(...args: string[]): Promise<string> {
    return run(["compose", "-p", this.name, "-f", this.path("docker-compose.yml"), ...args], this.#env);
  }

  /** Writes the scripts of `narthex migrate` for this project. */
  async migrate(): Promise<void> {
    await this.#execute(launcher, "migrate", "--apply", `--from-compose=${this.path("docker-compose.yml")}`);
  }

  /** Runs a script that `migrate()` wrote, and waits until all services are healthy. */
  async runScript(name: "switch-over.sh" | "go-back.sh"): Promise<void> {
    await this.#execute("sh", this.path("narthex-migrate", name));
    await this.compose("up", "-d", "--no-recreate", "--wait", "--wait-timeout", "300");
  }

  #execute(program: string, ...args: readonly string[]): Promise<unknown> {
    return execute(program, args, { cwd: this.#workplace.folder, env: this.#env });
  }

  /** Resolves with the user ids that own the files of a volume or of a project folder. */
  async owners(volume: string): Promise<string[]> {
    const mounted = existsSync(this.path(volume)) ? this.path(volume) : `${this.name}_${volume}`;
    const found = await this.#asRoot(mounted, "find", "/mounted", "-mindepth", "1", "-printf", "%U\n");
    return [...new Set(found.split("\n"))].sort();
  }

  /** Copies a file into a volume and gives the volume to a user. */
  async putFile(volume: string, file: string, owner: string): Promise<void> {
    const script = `cp /files/${file} /mounted/ && chown -R ${owner} /mounted`;
    const mounts = ["-v", `${this.name}_${volume}:/mounted`, "-v", `${this.#workplace.folder}:/files:ro`];
    await run(["run", "--rm", ...mounts, plainImage, "sh", "-c", script]);
  }

  #asRoot(mounted: string, ...command: string[]): Promise<string> {
    return run(["run", "--rm", "-v", `${mounted}:/mounted`, plainImage, ...command]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.compose("down", "-v", "--timeout", "10");
    // The owner of all files is changed, because files of container users could not be removed otherwise.
    await this.#asRoot(this.#workplace.folder, "chown", "-R", String(process.getuid!()), "/mounted");
    this.#workplace[Symbol.dispose]();
  }
}
